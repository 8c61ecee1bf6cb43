// Both APIs say TopicPartition, Offset, Acks...: what belongs to the client library is marked.
global using Client = Confluent.Kafka;
global using ClientAdmin = Confluent.Kafka.Admin;
