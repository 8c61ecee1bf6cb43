using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// The two logs of a queue: its messages, whose offsets are their ids in the queue, and what became of them. Written by the queue's loop.
/// Transient messages lie in the same log as persistent ones, so that order is kept and memory does not grow with the queue; what makes
/// them transient is that opening the queue passes over them. A queue that is not durable has its log in memory and no second one.
/// </summary>
internal sealed partial class QueueStore
{
    /// <summary>How far ahead of the deliveries it is noted that they may have been made.</summary>
    private const int DeliveryLease = 4096;

    /// <summary>What a message takes in the log beside its body, about.</summary>
    private const int RecordOverheadBytes = 64;

    /// <summary>A drained log gives its space back when it has grown by this part of a segment.</summary>
    private const int DrainedFraction = 8;

    private readonly QueueHost _host;
    private readonly QueueFiles _files;
    private readonly Log _messages;
    private readonly AcknowledgementLog? _acknowledgements;
    private readonly RemovedOffsets _removed;
    private readonly RemovalBatch _unwritten = new();
    private readonly Dictionary<long, ReturnCounts> _deliveryCounts;
    private readonly Dictionary<long, ReturnCounts> _unwrittenCounts = [];
    private readonly TailCache? _tail;
    private readonly MessageReader _returned;
    private readonly MessageReader[] _fresh;
    private long _deliveryHorizon;
    private long _deliveredEnd;
    private long _removedBytesSinceTrim;
    private bool _isSummaryDue;

    private QueueStore(QueueHost host, QueueFiles files, Log messages, AcknowledgementLog? acknowledgements, AcknowledgementHistory history, byte maxPriority)
    {
        _host = host;
        _files = files;
        _messages = messages;
        _acknowledgements = acknowledgements;
        Batch = new MessageBatch(host.Limits.BatchBytes);
        _removed = history.Removed;
        _deliveryCounts = history.DeliveryCounts;
        _deliveryHorizon = _deliveredEnd = history.DeliveredBefore;
        // In memory the log itself hands out what it holds.
        _tail = files.Data.FileSystem is Storage.Files.MemoryFileSystem ? null : new TailCache(host.Limits.TailCacheBytes);
        _returned = new MessageReader(messages, null, host.Limits.ReadBytes);
        _fresh = new MessageReader[maxPriority + 1];
        for (int i = 0; i < _fresh.Length; i++)
            _fresh[i] = new MessageReader(messages, maxPriority == 0 ? _tail : null, host.Limits.ReadBytes);
    }

    /// <summary>What <see cref="Append"/> writes next.</summary>
    public MessageBatch Batch { get; }

    public long NextOffset => _messages.NextOffset;

    /// <summary>Messages below are as durable as the queue.</summary>
    public long DurableOffset => _messages.DurableOffset;

    /// <summary>Whether a confirm has to wait for a flush.</summary>
    public bool MustFlush => _messages.Options.Durability == Durability.Fsync;

    /// <summary>Whether acknowledgements are to be written.</summary>
    public bool HasUnwritten => _acknowledgements is not null && (!_unwritten.IsEmpty || _unwrittenCounts.Count > 0);

    /// <summary>Whether a message came that a restart would drop.</summary>
    public bool HoldsTransient { get; set; }

    /// <summary>Whether a message has a delivery count, so that more is known about it than its offset.</summary>
    public bool HasReturned => _deliveryCounts.Count > 0;

    public TextCache Texts { get; } = new();

    /// <summary>Writes the batch and begins the next.</summary>
    /// <param name="nextUnread">The first offset that was not read yet.</param>
    /// <returns>The offset of the batch's first record.</returns>
    /// <exception cref="StorageException">It could not be written; it is as if it had not been begun.</exception>
    public long Append(long nextUnread)
    {
        try
        {
            Span<byte> batch = Batch.Build();
            LogAppendResult at = batch.Length > _messages.Options.SegmentBytes ? AppendAlone(batch) : _messages.Append(batch);
            _tail?.Add(at.FirstOffset, at.LastOffset + 1, batch, nextUnread);
            return at.FirstOffset;
        }
        finally
        {
            Batch.Reset();
        }
    }

    // A message larger than a segment gets one of its own.
    private LogAppendResult AppendAlone(Span<byte> batch)
    {
        LogOptions options = _messages.Options;
        _messages.Options = options with { SegmentBytes = batch.Length };
        try
        {
            return _messages.Append(batch);
        }
        finally
        {
            _messages.Options = options;
        }
    }

    /// <summary>Reads the message at a front.</summary>
    public StoredMessage Read(in QueueHead head) => (head.Redelivered ? _returned : _fresh[head.Priority]).Read(head.Offset);

    /// <summary>Reads any message.</summary>
    public StoredMessage Read(long offset) => _returned.Read(offset);

    public Message ToMessage(in StoredMessage stored) => stored.ToMessage(Texts, _host.Payloads);

    /// <summary>Completes once all that was appended so far is durable, and the shared body with it.</summary>
    public async ValueTask WaitDurableAsync(long upToOffset, PayloadReference payload)
    {
        if (!payload.IsNone)
            await _host.Payloads.WaitDurableAsync(payload);
        await _messages.WaitDurableAsync(upToOffset);
    }

    /// <summary>Notes that a message is about to be delivered, so that after a crash it counts as delivered before.</summary>
    public void NoteDelivery(long offset)
    {
        _deliveredEnd = Math.Max(_deliveredEnd, offset + 1);
        if (offset < _deliveryHorizon || _acknowledgements is null)
            return;
        _deliveryHorizon = offset + DeliveryLease;
        try
        {
            _acknowledgements.Begin();
            _acknowledgements.AddDelivered(_deliveryHorizon);
            _acknowledgements.Write();
        }
        catch (StorageFullException)
        {
            // The mark is missing then, which a full disk is no reason to stop deliveries for.
        }
    }

    /// <summary>A message came back; its counts survive a restart.</summary>
    public void NoteReturn(long offset, ReturnCounts counts)
    {
        if (_acknowledgements is null)
            return;
        _deliveryCounts[offset] = counts;
        _unwrittenCounts[offset] = counts;
    }

    /// <summary>A message is done with.</summary>
    public void Remove(long offset, int bodyBytes)
    {
        Remove(new OffsetRange(offset, offset + 1));
        _removedBytesSinceTrim += bodyBytes + RecordOverheadBytes;
    }

    /// <summary>Messages are done with.</summary>
    public void Remove(OffsetRange range)
    {
        _removed.Add(range);
        if (_acknowledgements is not null)
            _unwritten.Add(range);
        if (range.Count > 1)
            _removedBytesSinceTrim += range.Count * RecordOverheadBytes;
        if (_deliveryCounts.Count > 0)
            ForgetCounts(range);
    }

    /// <summary>Writes what was removed and what came back since the last time, as one batch.</summary>
    /// <exception cref="StorageException">It could not be written; the next time tries again.</exception>
    public void WriteAcknowledgements()
    {
        if (!HasUnwritten)
            return;
        _acknowledgements!.Begin();
        _acknowledgements.AddRemoved(_unwritten.Ranges);
        _acknowledgements.AddReturned(_unwrittenCounts);
        _acknowledgements.Write();
        _unwritten.Clear();
        _unwrittenCounts.Clear();
        _isSummaryDue |= _acknowledgements.NeedsSummary;
        if (_isSummaryDue)
            SumUp();
    }

    /// <summary>Has what was acknowledged survive a power failure; nobody waits for it.</summary>
    public ValueTask FlushAcknowledgementsAsync() => _acknowledgements?.FlushAsync() ?? ValueTask.CompletedTask;

    /// <summary>Deletes segments whose messages are all done with, now and then.</summary>
    public void Trim()
    {
        long segmentBytes = _messages.Options.SegmentBytes;
        bool isDrained = _removed.LowestKept == _messages.NextOffset;
        HoldsTransient &= !isDrained;
        if (_removedBytesSinceTrim < (isDrained ? segmentBytes / DrainedFraction : segmentBytes))
            return;
        _removedBytesSinceTrim = 0;
        _messages.DeleteBefore(_removed.LowestKept);
    }

    /// <summary>Lets go of memory that an idle queue does not need.</summary>
    public void ReleaseReaders()
    {
        _returned.Release();
        foreach (MessageReader reader in _fresh)
            reader.Release();
    }

    /// <summary>Closes the logs.</summary>
    /// <param name="summary">What the queue holds, where that is all there is to know about it.</param>
    public void Close(QueueSummary? summary)
    {
        if (_acknowledgements is not null)
        {
            _acknowledgements.Begin();
            _acknowledgements.AddRemoved(_unwritten.Ranges);
            _acknowledgements.AddReturned(_unwrittenCounts);
            _acknowledgements.AddDelivered(_deliveredEnd);
            if (summary is { } known)
                _acknowledgements.AddClosed(known);
            _acknowledgements.Write();
        }

        Release();
    }

    /// <summary>Closes the files as they are.</summary>
    public void Release()
    {
        Dispose(_acknowledgements);
        Dispose(_messages);
    }

    /// <summary>Deletes the logs, which were closed.</summary>
    /// <exception cref="IOException">One of them cannot be deleted.</exception>
    public void Delete() => _files.Delete();

    // A log closes without waiting for anybody else.
    private static void Dispose(IAsyncDisposable? log) => log?.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void ForgetCounts(OffsetRange range)
    {
        if (range.Count == 1)
        {
            _deliveryCounts.Remove(range.Start);
            return;
        }

        foreach (long offset in _deliveryCounts.Keys.Where(offset => offset >= range.Start && offset < range.End).ToArray())
            _deliveryCounts.Remove(offset);
    }

    private void SumUp()
    {
        _acknowledgements!.Begin();
        _acknowledgements.AddRemoved([new OffsetRange(0, _removed.LowestKept)]);
        _acknowledgements.AddRemoved(_removed.Ranges);
        _acknowledgements.AddReturned(_deliveryCounts);
        _acknowledgements.AddDelivered(_deliveryHorizon);
        _acknowledgements.WriteSummary();
        _isSummaryDue = false;
    }
}
