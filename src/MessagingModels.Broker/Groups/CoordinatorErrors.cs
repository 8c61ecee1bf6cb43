using MessagingModels.Storage;

namespace MessagingModels.Broker.Groups;

/// <summary>The coordinators' answers in words, for callers that throw.</summary>
internal static class CoordinatorErrors
{
    /// <param name="error">The code.</param>
    /// <param name="subject">What the request was about, as the start of a sentence: <c>Group 'billing'</c>.</param>
    /// <param name="failure">The damage for which the coordinator that answered refuses every request, where there is one.</param>
    /// <exception cref="LogException">The code is an error.</exception>
    public static void ThrowIfFailed(this LogErrorCode error, string subject, StorageException? failure = null)
    {
        if (error != LogErrorCode.None)
            throw error.ToException(subject, failure);
    }

    /// <param name="error">The code.</param>
    /// <param name="subject">What the request was about, as the start of a sentence: <c>Group 'billing'</c>.</param>
    /// <param name="failure">The damage for which the coordinator that answered refuses every request, where there is one.</param>
    public static LogException ToException(this LogErrorCode error, string subject, StorageException? failure = null)
        => error == LogErrorCode.CoordinatorNotAvailable && failure is not null
            ? new(error, $"{subject}: {failure.Message}", failure)
            : new(error, $"{subject}: {Explain(error)}");

    /// <summary>True where a log could not be written: the disk is full or broken, or the log is closed.</summary>
    public static bool IsStorageFailure(this Exception error) => error is StorageException or IOException or ObjectDisposedException;

    private static string Explain(LogErrorCode error) => error switch
    {
        LogErrorCode.UnknownTopicOrPartition => "there is no such topic or partition; create it first.",
        LogErrorCode.OffsetMetadataTooLarge => "the text committed with an offset is longer than the broker keeps; shorten it or raise OffsetMetadataMaxBytes.",
        LogErrorCode.CoordinatorNotAvailable => "the broker is closing; try again once it runs.",
        LogErrorCode.IllegalGeneration => "the group has moved on to another generation, and the partition may have another reader; read on to rejoin.",
        LogErrorCode.InconsistentGroupProtocol => "the members share no assignment strategy; give every member one in common.",
        LogErrorCode.InvalidGroupId => "the group id is empty; name the group.",
        LogErrorCode.UnknownMemberId => "the group does not know the member any more (it was silent or did not read for too long); read on to rejoin.",
        LogErrorCode.InvalidSessionTimeout => "the session timeout lies outside of the broker's bounds (GroupMinSessionTimeout, GroupMaxSessionTimeout).",
        LogErrorCode.RebalanceInProgress => "the group is rebalancing; read on to rejoin, then try again.",
        LogErrorCode.OutOfOrderSequenceNumber => "a batch is missing before this one; abort the transaction.",
        LogErrorCode.InvalidProducerEpoch => "a newer producer with the same id has taken over; close this one.",
        LogErrorCode.InvalidTransactionState => "no transaction is open that allows this; begin one first.",
        LogErrorCode.InvalidProducerIdMapping => "the producer id does not belong to the transactional id; initialize the transactions again.",
        LogErrorCode.InvalidTransactionTimeout => "the transaction timeout is not positive or above the broker's TransactionMaxTimeout.",
        LogErrorCode.ConcurrentTransactions => "the transaction before is still being completed; try again.",
        LogErrorCode.KafkaStorageError => "the broker could not store the request (is the disk full?); nothing has changed.",
        LogErrorCode.NonEmptyGroup => "the group has members; close them first.",
        LogErrorCode.GroupIdNotFound => "there is no such group.",
        LogErrorCode.GroupMaxSizeReached => "the group is full.",
        LogErrorCode.FencedInstanceId => "another member with the same static name has taken over; close this one.",
        LogErrorCode.GroupSubscribedToTopic => "members of the group subscribe to the topic; close them first.",
        LogErrorCode.UnstableOffsetCommit => "an open transaction holds the offsets; try again when it has ended.",
        LogErrorCode.ProducerFenced => "a newer producer with the same transactional id has taken over, or the transaction timed out; close this one.",
        _ => $"the request failed with {error} ({(short)error}).",
    };
}
