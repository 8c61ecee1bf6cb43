import org.apache.kafka.clients.producer.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.header.internals.*;
import java.util.*;
import java.nio.charset.StandardCharsets;
public class GoldenBatches {
  static byte[] b(String s) { return s.getBytes(StandardCharsets.UTF_8); }
  static Properties p(String codec) {
    Properties p = new Properties();
    p.put("bootstrap.servers", "127.0.0.1:9092"); p.put("compression.type", codec); p.put("linger.ms", "1000"); p.put("batch.size", "1000000");
    p.put("buffer.memory", "33554432");
    p.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    p.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    return p;
  }
  static void fill(Producer<byte[], byte[]> out, String topic) {
    long t = 1700000000000L;
    for (int i = 0; i < 12; i++) {
      RecordHeaders h = new RecordHeaders();
      for (int j = 0; j < i % 3; j++) h.add("header-" + j, j == 1 ? null : b("v" + i));
      byte[] key = i % 4 == 0 ? null : b("key-" + i);
      byte[] value = i % 5 == 4 ? null : b(("value " + i + " ").repeat(i * 3));
      out.send(new ProducerRecord<>(topic, 0, t + i * 1000L - (i == 5 ? 3000000 : 0), key, value, h));
    }
    out.flush();
  }
  static void big(Producer<byte[], byte[]> out, String topic) {
    Random r = new Random(7);
    for (int i = 0; i < 24; i++) {
      byte[] v = new byte[4000]; 
      if (i % 8 == 0) r.nextBytes(v); else Arrays.fill(v, (byte) i);
      out.send(new ProducerRecord<>(topic, 0, 1700000000000L + i, b("k" + i), v));
    }
    out.flush();
  }
  public static void main(String[] a) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    String[] codecs = {"none", "gzip", "snappy", "lz4", "zstd"};
    for (String c : codecs) { topics.add(new NewTopic("golden-" + c, 1, (short) 1)); topics.add(new NewTopic("large-" + c, 1, (short) 1)); }
    topics.add(new NewTopic("golden-txn", 1, (short) 1));
    topics.add(new NewTopic("golden-append", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")));
    try (Admin admin = Admin.create(p("none"))) { admin.createTopics(topics).all().get(); }
    for (String c : codecs) {
      Properties q = p(c);
      if (c.equals("none")) q.put("enable.idempotence", "false");
      try (Producer<byte[], byte[]> out = new KafkaProducer<>(q)) { fill(out, "golden-" + c); }
      try (Producer<byte[], byte[]> out = new KafkaProducer<>(q)) { if (!c.equals("none")) big(out, "large-" + c); }
    }
    try (Producer<byte[], byte[]> out = new KafkaProducer<>(p("none"))) { fill(out, "golden-append"); }
    Properties q = p("none"); q.put("transactional.id", "golden");
    try (Producer<byte[], byte[]> out = new KafkaProducer<>(q)) {
      out.initTransactions();
      out.beginTransaction(); fill(out, "golden-txn"); out.commitTransaction();
      out.beginTransaction(); fill(out, "golden-txn"); out.abortTransaction();
    }
  }
}
