namespace MessagingModels;

/// <summary>Why the log model refused a request, under Kafka's names and numbers (Kafka protocol guide, "Error Codes").</summary>
public enum LogErrorCode : short
{
    /// <summary>An unexpected error; the message says which.</summary>
    UnknownServerError = -1,
    /// <summary>No error.</summary>
    None = 0,
    /// <summary>The offset is below the log start or above the end.</summary>
    OffsetOutOfRange = 1,
    /// <summary>A record batch failed its CRC or its length check.</summary>
    CorruptMessage = 2,
    /// <summary>No such topic or partition.</summary>
    UnknownTopicOrPartition = 3,
    /// <summary>The partition has no leader at the moment; try again.</summary>
    LeaderNotAvailable = 5,
    /// <summary>The broker does not lead the partition; try again.</summary>
    NotLeaderOrFollower = 6,
    /// <summary>No answer in time; whether the request took effect is not known.</summary>
    RequestTimedOut = 7,
    /// <summary>The broker is not there.</summary>
    BrokerNotAvailable = 8,
    /// <summary>The batch is larger than <c>max.message.bytes</c>.</summary>
    MessageTooLarge = 10,
    /// <summary>Commit metadata is larger than the broker keeps.</summary>
    OffsetMetadataTooLarge = 12,
    /// <summary>The connection failed or could not be made.</summary>
    NetworkException = 13,
    /// <summary>The coordinator is loading its state; try again.</summary>
    CoordinatorLoadInProgress = 14,
    /// <summary>The coordinator is shutting down.</summary>
    CoordinatorNotAvailable = 15,
    /// <summary>The broker does not coordinate the group or transaction; try again.</summary>
    NotCoordinator = 16,
    /// <summary>The topic name is not legal.</summary>
    InvalidTopic = 17,
    /// <summary>The batch is larger than a segment.</summary>
    RecordListTooLarge = 18,
    /// <summary>Fewer in-sync replicas than <c>min.insync.replicas</c>.</summary>
    NotEnoughReplicas = 19,
    /// <summary>Appended, but to fewer in-sync replicas than <c>min.insync.replicas</c>.</summary>
    NotEnoughReplicasAfterAppend = 20,
    /// <summary>Acknowledgement setting is none of 0, 1 and all.</summary>
    InvalidRequiredAcks = 21,
    /// <summary>The group has moved to another generation.</summary>
    IllegalGeneration = 22,
    /// <summary>The member's assignment protocols do not overlap with the group's.</summary>
    InconsistentGroupProtocol = 23,
    /// <summary>The group id is empty or not legal.</summary>
    InvalidGroupId = 24,
    /// <summary>The group does not know the member.</summary>
    UnknownMemberId = 25,
    /// <summary>The session timeout is outside the broker's bounds.</summary>
    InvalidSessionTimeout = 26,
    /// <summary>The group is rebalancing; rejoin.</summary>
    RebalanceInProgress = 27,
    /// <summary>The client may not use the topic.</summary>
    TopicAuthorizationFailed = 29,
    /// <summary>The client may not use the group.</summary>
    GroupAuthorizationFailed = 30,
    /// <summary>The client may not do this to the cluster.</summary>
    ClusterAuthorizationFailed = 31,
    /// <summary>The record's timestamp is outside the topic's bounds.</summary>
    InvalidTimestamp = 32,
    /// <summary>The broker does not offer the SASL mechanism.</summary>
    UnsupportedSaslMechanism = 33,
    /// <summary>The broker or the client is too old for the request.</summary>
    UnsupportedVersion = 35,
    /// <summary>A topic of that name exists.</summary>
    TopicAlreadyExists = 36,
    /// <summary>The number of partitions is not legal.</summary>
    InvalidPartitions = 37,
    /// <summary>The replication factor is not legal.</summary>
    InvalidReplicationFactor = 38,
    /// <summary>The assignment of replicas is not legal.</summary>
    InvalidReplicaAssignment = 39,
    /// <summary>A configuration key is unknown or its value is not legal.</summary>
    InvalidConfig = 40,
    /// <summary>The broker does not lead the cluster; try again.</summary>
    NotController = 41,
    /// <summary>The request contradicts itself.</summary>
    InvalidRequest = 42,
    /// <summary>Record format other than v2.</summary>
    UnsupportedForMessageFormat = 43,
    /// <summary>A policy of the cluster forbids the request.</summary>
    PolicyViolation = 44,
    /// <summary>A sequence number was skipped.</summary>
    OutOfOrderSequenceNumber = 45,
    /// <summary>The batch was appended before, longer ago than the broker remembers.</summary>
    DuplicateSequenceNumber = 46,
    /// <summary>A newer producer with the same id has taken over.</summary>
    InvalidProducerEpoch = 47,
    /// <summary>The transaction is not in a state that allows this.</summary>
    InvalidTransactionState = 48,
    /// <summary>The producer id does not belong to the transactional id.</summary>
    InvalidProducerIdMapping = 49,
    /// <summary>The transaction timeout is above the broker's maximum.</summary>
    InvalidTransactionTimeout = 50,
    /// <summary>Another change of the same transaction is running; try again.</summary>
    ConcurrentTransactions = 51,
    /// <summary>The client may not use the transactional id.</summary>
    TransactionalIdAuthorizationFailed = 53,
    /// <summary>The data directory failed; the partition takes no more writes.</summary>
    KafkaStorageError = 56,
    /// <summary>The credentials are wrong.</summary>
    SaslAuthenticationFailed = 58,
    /// <summary>The broker has no state for the producer id.</summary>
    UnknownProducerId = 59,
    /// <summary>The group still has members.</summary>
    NonEmptyGroup = 68,
    /// <summary>No such group.</summary>
    GroupIdNotFound = 69,
    /// <summary>The codec is unknown or not allowed here.</summary>
    UnsupportedCompressionType = 76,
    /// <summary>The offset is not known yet; try again.</summary>
    OffsetNotAvailable = 78,
    /// <summary>Join again with the member id given (KIP-394).</summary>
    MemberIdRequired = 79,
    /// <summary>The group is full.</summary>
    GroupMaxSizeReached = 81,
    /// <summary>Another member took over the static instance id (KIP-345).</summary>
    FencedInstanceId = 82,
    /// <summary>The topic is in use by the group.</summary>
    GroupSubscribedToTopic = 86,
    /// <summary>A record was refused, for example one without key in a compacted topic.</summary>
    InvalidRecord = 87,
    /// <summary>Committed offsets wait for a transaction to end (KIP-447).</summary>
    UnstableOffsetCommit = 88,
    /// <summary>A quota is used up; try again later.</summary>
    ThrottlingQuotaExceeded = 89,
    /// <summary>A newer producer with the same transactional id has taken over.</summary>
    ProducerFenced = 90,
    /// <summary>The transaction must be aborted (KIP-890).</summary>
    TransactionAbortable = 120,
}
