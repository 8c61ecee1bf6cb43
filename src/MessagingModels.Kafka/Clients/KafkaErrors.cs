namespace MessagingModels.Kafka.Clients;

/// <summary>
/// Kafka's and librdkafka's errors as the API's. Kafka's own codes keep their number; librdkafka's local ones (negative) become the code of
/// nearest meaning. The text always names the original.
/// </summary>
internal static class KafkaErrors
{
    private const int UnknownServerError = -1;

    /// <param name="error">The error.</param>
    /// <param name="subject">What the request was about, as the start of a sentence: <c>Group 'billing'</c>.</param>
    /// <param name="inner">The client's exception, where there is one.</param>
    public static LogException ToException(this Client.Error error, string subject, Exception? inner = null)
    {
        LogErrorCode code = CodeOf(error.Code);
        string reason = error.Reason.Trim().TrimEnd('.');
        return new LogException(code, $"{subject}: {reason} ({NameOf(error.Code)}).{Advice(error.Code)}", inner);
    }

    /// <summary>The exception of a client's call as the API's.</summary>
    public static LogException ToException(this Client.KafkaException exception, string subject)
        => Decisive(exception).ToException(subject, exception);

    /// <summary>The API's code of an error.</summary>
    public static LogErrorCode CodeOf(Client.ErrorCode code) => (int)code >= UnknownServerError ? (LogErrorCode)(short)code : code switch
    {
        Client.ErrorCode.Local_Transport or Client.ErrorCode.Local_AllBrokersDown or Client.ErrorCode.Local_Resolve
            or Client.ErrorCode.Local_Ssl or Client.ErrorCode.Local_NodeUpdate or Client.ErrorCode.Local_DestroyBroker => LogErrorCode.NetworkException,
        Client.ErrorCode.Local_Authentication => LogErrorCode.SaslAuthenticationFailed,
        Client.ErrorCode.Local_TimedOut or Client.ErrorCode.Local_MsgTimedOut or Client.ErrorCode.Local_TimedOutQueue => LogErrorCode.RequestTimedOut,
        Client.ErrorCode.Local_WaitCoord => LogErrorCode.CoordinatorNotAvailable,
        Client.ErrorCode.Local_UnknownPartition or Client.ErrorCode.Local_UnknownTopic
            or Client.ErrorCode.Local_NoEnt => LogErrorCode.UnknownTopicOrPartition,
        Client.ErrorCode.Local_UnknownGroup => LogErrorCode.GroupIdNotFound,
        Client.ErrorCode.Local_IsrInsuff => LogErrorCode.NotEnoughReplicas,
        Client.ErrorCode.Local_MaxPollExceeded => LogErrorCode.UnknownMemberId,
        Client.ErrorCode.Local_AssignmentLost => LogErrorCode.IllegalGeneration,
        Client.ErrorCode.Local_AutoOffsetReset or Client.ErrorCode.Local_NoOffset or Client.ErrorCode.Local_LogTruncation => LogErrorCode.OffsetOutOfRange,
        Client.ErrorCode.Local_BadMsg or Client.ErrorCode.Local_BadCompression or Client.ErrorCode.Local_Partial
            or Client.ErrorCode.Local_Underflow => LogErrorCode.CorruptMessage,
        Client.ErrorCode.Local_InvalidArg or Client.ErrorCode.Local_InvalidType or Client.ErrorCode.Local_Conflict => LogErrorCode.InvalidRequest,
        Client.ErrorCode.Local_State or Client.ErrorCode.Local_InProgress or Client.ErrorCode.Local_PrevInProgress => LogErrorCode.InvalidTransactionState,
        Client.ErrorCode.Local_UnsupportedFeature or Client.ErrorCode.Local_NotImplemented
            or Client.ErrorCode.Local_UnknownProtocol => LogErrorCode.UnsupportedVersion,
        Client.ErrorCode.Local_PurgeQueue or Client.ErrorCode.Local_PurgeInflight => LogErrorCode.TransactionAbortable,
        Client.ErrorCode.Local_Inconsistent or Client.ErrorCode.Local_GaplessGuarantee => LogErrorCode.OutOfOrderSequenceNumber,
        Client.ErrorCode.Local_Fenced => LogErrorCode.ProducerFenced,
        _ => LogErrorCode.UnknownServerError,
    };

    /// <summary>The code's name and number: Kafka's where it is one, else librdkafka's.</summary>
    private static string NameOf(Client.ErrorCode code) => (int)code >= UnknownServerError
        ? $"Kafka's code {(int)code}, {(Enum.IsDefined((LogErrorCode)(short)code) ? ((LogErrorCode)(short)code).ToString() : code.ToString())}"
        : $"librdkafka's code {(int)code}, {code.ToString().Replace("Local_", "", StringComparison.Ordinal)}";

    private static string Advice(Client.ErrorCode code) => CodeOf(code) switch
    {
        LogErrorCode.ProducerFenced or LogErrorCode.InvalidProducerEpoch => " A newer producer with the same transactional id has taken over; close this one.",
        LogErrorCode.FencedInstanceId => " Another member with the same static name has taken over; close this one.",
        LogErrorCode.IllegalGeneration or LogErrorCode.UnknownMemberId or LogErrorCode.RebalanceInProgress =>
            " The group has moved on, and the partition may have another reader; read on to rejoin.",
        LogErrorCode.NonEmptyGroup => " The group has members; close them first.",
        LogErrorCode.TransactionAbortable => " Abort the transaction.",
        _ => "",
    };

    /// <summary>Requests for several things fail with one exception that holds an error for each; the first one says what was wrong.</summary>
    private static Client.Error Decisive(Client.KafkaException exception)
    {
        IEnumerable<Client.Error> errors = exception switch
        {
            ClientAdmin.CreateTopicsException e => e.Results.Select(r => r.Error),
            ClientAdmin.DeleteTopicsException e => e.Results.Select(r => r.Error),
            ClientAdmin.CreatePartitionsException e => e.Results.Select(r => r.Error),
            ClientAdmin.DescribeTopicsException e => e.Results.TopicDescriptions.Select(t => t.Error),
            ClientAdmin.DescribeConfigsException e => e.Results.Select(r => r.Error),
            ClientAdmin.IncrementalAlterConfigsException e => e.Results.Select(r => r.Error),
            ClientAdmin.DeleteRecordsException e => e.Results.Select(r => r.Error),
            ClientAdmin.ListOffsetsException e => e.Result.ResultInfos.Select(r => r.TopicPartitionOffsetError.Error).Append(e.Result.Error),
            ClientAdmin.DeleteGroupsException e => e.Results.Select(r => r.Error),
            ClientAdmin.DescribeConsumerGroupsException e => e.Results.ConsumerGroupDescriptions.Select(g => g.Error),
            ClientAdmin.AlterConsumerGroupOffsetsException e => e.Results.SelectMany(r => r.Partitions.Select(p => p.Error).Append(r.Error)),
            ClientAdmin.ListConsumerGroupOffsetsException e => e.Results.SelectMany(r => r.Partitions.Select(p => p.Error).Append(r.Error)),
            Client.TopicPartitionOffsetException e => e.Results.Select(r => r.Error),
            _ => [],
        };
        return errors.FirstOrDefault(e => e is { IsError: true }) ?? exception.Error;
    }
}
