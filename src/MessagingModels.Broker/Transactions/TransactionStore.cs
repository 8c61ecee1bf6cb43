using MessagingModels.Broker.Groups;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Transactions;

/// <summary>Writes the states of transactional ids to the transaction log, <c>__transaction_state-0</c>. Thread-safe.</summary>
internal sealed class TransactionStore(CoordinatorLog log) : IAsyncDisposable
{
    public const string DirectoryName = "__transaction_state-0";

    /// <summary>The damage for which nothing can be stored; null while the log is sound.</summary>
    public StorageException? Failure => log.Failure;

    /// <summary>The last state of every transactional id; none where the log is damaged.</summary>
    public IReadOnlyCollection<TransactionMetadata> Load()
    {
        Loader loader = new();
        log.Replay(loader);
        return log.Failure is null ? loader.States.Values : [];
    }

    /// <summary>Stores a state; returns what to wait for.</summary>
    public long Store(TransactionMetadata state)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        TransactionRecords.WriteKey(append.Key, state.TransactionalId);
        TransactionRecords.WriteValue(append.Value, state);
        append.Add();
        return append.Complete().NextOffset;
    }

    public void Remove(string transactionalId)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        TransactionRecords.WriteKey(append.Key, transactionalId);
        append.AddTombstone();
        append.Complete();
    }

    public ValueTask WaitDurableAsync(long upToOffset) => log.WaitDurableAsync(upToOffset);

    public ValueTask DisposeAsync() => log.DisposeAsync();

    private sealed class Loader : ICoordinatorLogReader
    {
        public Dictionary<string, TransactionMetadata> States { get; } = [];

        public void OnRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long offset, long producerId)
        {
            if (TransactionRecords.ReadKey(key) is not { } transactionalId)
                return;
            if (hasValue)
                States[transactionalId] = TransactionRecords.ReadValue(transactionalId, value);
            else
                States.Remove(transactionalId);
        }

        public void OnMarker(long producerId, bool commit)
        {
        }
    }
}
