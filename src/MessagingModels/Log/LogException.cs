namespace MessagingModels;

/// <summary>A request to the log model failed.</summary>
public sealed class LogException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">Kafka's code for the error.</param>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public LogException(LogErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
        => ErrorCode = code;

    /// <summary>Kafka's code for the error.</summary>
    public LogErrorCode ErrorCode { get; }

    /// <summary>True where the same request may succeed later without being changed.</summary>
    public bool IsRetriable => ErrorCode is LogErrorCode.CorruptMessage or LogErrorCode.UnknownTopicOrPartition
        or LogErrorCode.CoordinatorLoadInProgress or LogErrorCode.CoordinatorNotAvailable or LogErrorCode.NotEnoughReplicas
        or LogErrorCode.RebalanceInProgress or LogErrorCode.ConcurrentTransactions or LogErrorCode.KafkaStorageError
        or LogErrorCode.UnstableOffsetCommit or LogErrorCode.LeaderNotAvailable or LogErrorCode.NotLeaderOrFollower
        or LogErrorCode.RequestTimedOut or LogErrorCode.NetworkException or LogErrorCode.NotCoordinator
        or LogErrorCode.NotEnoughReplicasAfterAppend or LogErrorCode.NotController or LogErrorCode.ThrottlingQuotaExceeded;

    /// <summary>True where the producer or member was replaced by a newer one and must be closed.</summary>
    public bool IsFenced => ErrorCode is LogErrorCode.ProducerFenced or LogErrorCode.InvalidProducerEpoch
        or LogErrorCode.FencedInstanceId;
}
