using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

internal sealed partial class QueueStore
{
    private const int ScanBytes = 1024 * 1024;
    private const int MemorySegmentBytes = 1024 * 1024;

    /// <summary>Opens a queue's logs and puts what they hold into its state.</summary>
    /// <param name="sharedPayloads">How many of the messages hold a reference to a shared body.</param>
    /// <exception cref="StorageException">A log is damaged.</exception>
    public static QueueStore Open(QueueHost host, string queue, QueueFiles files, byte maxPriority, QueueState state, out long sharedPayloads)
    {
        bool isInMemory = files.Data.FileSystem is Storage.Files.MemoryFileSystem;
        Log messages = Log.Open(files.Data, files.Messages, new LogOptions
        {
            Durability = files.IsDurable ? host.Durability : Durability.Memory,
            RetentionAge = null,
            SegmentAge = TimeSpan.MaxValue,
            SegmentBytes = isInMemory ? Math.Min(host.Limits.SegmentBytes, MemorySegmentBytes) : host.Limits.SegmentBytes,
        }, host.Time, host.Logger);
        AcknowledgementLog? acknowledgements = null;
        try
        {
            AcknowledgementHistory history = new();
            if (files.IsDurable)
                acknowledgements = AcknowledgementLog.Open(host, files, out history);
            QueueStore store = new(host, files, messages, acknowledgements, history, maxPriority);
            store.AgreeOnTheEnds(history);
            sharedPayloads = store.Restore(queue, history, state);
            return store;
        }
        catch
        {
            Dispose(acknowledgements);
            Dispose(messages);
            throw;
        }
    }

    // A power failure may have taken messages whose removal is known. Their offsets go to other messages, so the knowledge must go first.
    // Or it took the knowledge, and the messages are gone from the log because they were removed.
    private void AgreeOnTheEnds(AcknowledgementHistory history)
    {
        history.Removed.Add(new OffsetRange(0, _messages.LogStartOffset));
        long end = _messages.NextOffset;
        ReadOnlySpan<OffsetRange> ranges = history.Removed.Ranges;
        bool isBeyond = history.Removed.LowestKept > end || history.DeliveredBefore > end || (!ranges.IsEmpty && ranges[^1].End > end);
        if (isBeyond)
        {
            history.Removed.CutAt(end);
            _deliveryHorizon = _deliveredEnd = Math.Min(history.DeliveredBefore, end);
            _acknowledgements!.Begin();
            _acknowledgements.AddReopened(end);
            _acknowledgements.Write();
            if (MustFlush)
                _acknowledgements.FlushAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private long Restore(string queue, AcknowledgementHistory history, QueueState state)
    {
        state.DeliveredBefore = _deliveryHorizon;
        if (history.Summary is { } summary && summary.EndOffset == _messages.NextOffset)
        {
            RestoreRanges(summary, state);
            return 0;
        }

        while (AddTransactionRemovals())
        {
        }

        return Scan(queue, history, state);
    }

    private void RestoreRanges(in QueueSummary summary, QueueState state)
    {
        long start = _removed.LowestKept, bytes = summary.ReadyBytes;
        foreach (OffsetRange removed in _removed.Ranges)
        {
            state.Enqueue(start, removed.Start - start, bytes, 0, summary.MayExpire);
            (start, bytes) = (removed.End, 0);
        }

        state.Enqueue(start, summary.EndOffset - start, bytes, 0, summary.MayExpire);
    }

    // Removals that a transaction wrote with its messages and that a crash kept from the acknowledgement log.
    private bool AddTransactionRemovals()
    {
        bool isChanged = false;
        foreach (StoredMessage stored in Kept())
        {
            if (!stored.Has(QueueRecordFlags.Removals))
                continue;
            OffsetRangeCodec.Read(stored.Value.Span, Remove);
            Remove(stored.Offset, 0);
            isChanged = true;
        }

        return isChanged;
    }

    private long Scan(string queue, AcknowledgementHistory history, QueueState state)
    {
        long sharedPayloads = 0;
        foreach (StoredMessage stored in Kept())
        {
            if (!stored.Has(QueueRecordFlags.Persistent))
            {
                Remove(stored.Offset, stored.BodyBytes);
                continue;
            }

            if (stored.Has(QueueRecordFlags.SharedPayload) && !TryRestorePayload(queue, stored))
                continue;
            sharedPayloads += stored.Has(QueueRecordFlags.SharedPayload) ? 1 : 0;
            bool mayExpire = stored.Has(QueueRecordFlags.Expiration);
            if (history.DeliveryCounts.TryGetValue(stored.Offset, out ReturnCounts counts))
                state.RestoreReturned(
                    new ReturnedToQueue(stored.Offset, stored.BodyBytes, counts.Deliveries, counts.Failures), stored.Priority, mayExpire);
            else
                state.Enqueue(stored.Offset, 1, stored.BodyBytes, stored.Priority, mayExpire);
        }

        return sharedPayloads;
    }

    // Bodies are written before what refers to them. Only a power failure can have kept the reference and not the body, and then the
    // message was never confirmed.
    private bool TryRestorePayload(string queue, in StoredMessage stored)
    {
        try
        {
            _host.Payloads.Read(stored.Payload);
            _host.Payloads.AddReference(stored.Payload);
            return true;
        }
        catch (Exception error) when (error is StorageException and not LogCorruptedException)
        {
            QueueEvents.PayloadLost(_host.Logger, queue, _host.VirtualHost, stored.Offset, error);
            Remove(stored.Offset, 0);
            return false;
        }
    }

    private IEnumerable<StoredMessage> Kept()
    {
        for (long at = Math.Max(_messages.LogStartOffset, _removed.LowestKept); at < _messages.NextOffset;)
        {
            LogReadResult read = _messages.Read(at, ScanBytes);
            RecordCursor cursor = new(read.Batches);
            while (cursor.TryReadNext(out StoredMessage stored))
            {
                if (!_removed.Contains(stored.Offset))
                    yield return stored;
            }

            at = read.NextOffset;
        }
    }
}
