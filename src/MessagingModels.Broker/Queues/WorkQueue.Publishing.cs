using System.Runtime.InteropServices;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>A message of the batch that is being built.</summary>
internal struct QueueEntry
{
    public IPublishOrigin? Origin;
    public ulong Sequence;
    public PayloadReference Payload;
    public int BodyBytes;
    public byte Priority;
    public bool IsPersistent;
    public bool MayExpire;
}

internal sealed partial class WorkQueue
{
    private long _batchBytes;
    private int _batchMessages;

    public void Publish(ReadOnlySpan<QueuePublish> publishes, long nowMs)
    {
        int done = 0;
        try
        {
            foreach (ref readonly QueuePublish publish in publishes)
            {
                if (Accepts(publish.Message, nowMs))
                    AddToBatch(publish.Message, publish.Origin, publish.Sequence, nowMs);
                else
                    Refuse(publish);
                done++;
                if (_store.Batch.IsFull)
                    WriteBatch();
            }

            WriteBatch();
        }
        catch (Exception error)
        {
            foreach (ref readonly QueuePublish publish in publishes[done..])
                publish.Origin?.OnRefused(publish.Sequence, error);
            throw;
        }
    }

    public void Commit(ReadOnlySpan<Message> publishes, ReadOnlySpan<QueueSettlement> settlements, IPublishOrigin origin, long nowMs)
    {
        bool isPartial = false;
        foreach (ref readonly Message message in publishes)
        {
            if (!_state.Refuses(_store.Batch.Count, _batchBytes, message.Body.Length))
            {
                AddToBatch(message, null, 0, nowMs);
                continue;
            }

            Release(message.Payload);
            isPartial = true;
        }

        if (isPartial)
            origin = new PartialCommit(origin);

        List<OffsetRange> removed = RemovedBy(settlements);
        long settled = -1;
        if (removed.Count > 0)
        {
            _store.Batch.AddRemovals(CollectionsMarshal.AsSpan(removed), nowMs);
            settled = _store.Batch.Count - 1;
        }

        if (_store.Batch.Count == 0)
        {
            Settle(settlements, nowMs);
            origin.OnStored(0);
            return;
        }

        if (!TryWriteBatch(out long first, out Exception? error))
        {
            origin.OnRefused(0, error);
            return;
        }

        if (settled >= 0)
            _store.Remove(first + settled, 0);
        Settle(settlements, nowMs);
        if (_store.MustFlush)
            _confirms.Add(origin, 0, _store.NextOffset - 1, default);
        else
            origin.OnStored(0);
    }

    // A full queue makes room first: what is due to consumers goes out before anything is refused.
    private bool Accepts(in Message message, long nowMs)
    {
        if (!_state.Refuses(_store.Batch.Count, _batchBytes, message.Body.Length))
            return true;
        WriteBatch();
        Serve(nowMs);
        return !_state.Refuses(0, 0, message.Body.Length);
    }

    private void Refuse(in QueuePublish publish)
    {
        if (_settings.Overflow == QueueOverflow.RejectPublishDeadLetter && _settings.DeadLetterExchange is not null)
            _host.DeadLetters.DeadLetter(publish.Message, DeadLetterReason.MaxLength, _queue, 0, null, 0);
        Release(publish.Message.Payload);
        publish.Origin?.OnRefused(publish.Sequence, null);
    }

    private void AddToBatch(in Message message, IPublishOrigin? origin, ulong sequence, long nowMs)
    {
        bool isPersistent = message.Persistent || _settings.Kind == QueueKind.Quorum;
        int index = _store.Batch.Count;
        _store.Batch.Add(message, isPersistent, nowMs);
        if (index == _entries.Length)
            Array.Resize(ref _entries, index * 2);
        ref QueueEntry entry = ref _entries[index];
        entry.Origin = origin;
        entry.Sequence = sequence;
        entry.Payload = message.Payload;
        entry.BodyBytes = message.Body.Length;
        entry.Priority = message.Priority;
        entry.IsPersistent = isPersistent;
        entry.MayExpire = message.ExpirationMs >= 0;
        _batchBytes += message.Body.Length;
        _batchMessages = index + 1;
    }

    private void WriteBatch()
    {
        if (_store.Batch.Count > 0)
            TryWriteBatch(out _, out _);
    }

    // The batch goes to the log, then its messages to the state, then their publishers hear of it.
    private bool TryWriteBatch(out long first, out Exception? error)
    {
        int count = _batchMessages;
        _batchMessages = 0;
        long bytes = _batchBytes;
        _batchBytes = 0;
        try
        {
            first = _store.Append(_state.FirstFresh);
        }
        catch (Exception failure)
        {
            RefuseEntries(count, failure);
            if (failure is not (StorageFullException or RecordBatchesTooLargeException))
                throw;
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, failure);
            (first, error) = (-1, failure);
            return false;
        }

        error = null;
        Enqueue(first, count, bytes);
        Counters.PublishedTotal += count;
        Count();
        Confirm(first, count);
        Array.Clear(_entries, 0, count);
        return true;
    }

    private void Enqueue(long first, int count, long bytes)
    {
        bool mayExpire = false;
        foreach (ref readonly QueueEntry entry in _entries.AsSpan(0, count))
        {
            mayExpire |= entry.MayExpire;
            _sharedPayloads += entry.Payload.IsNone ? 0 : 1;
            _store.HoldsTransient |= !entry.IsPersistent;
        }

        if (_levels == 0)
        {
            _state.Enqueue(first, count, bytes, 0, mayExpire);
            return;
        }

        for (int i = 0; i < count; i++)
            _state.Enqueue(first + i, 1, _entries[i].BodyBytes, _entries[i].Priority, _entries[i].MayExpire);
    }

    private void Confirm(long first, int count)
    {
        bool mustFlush = _store.MustFlush;
        for (int i = 0; i < count; i++)
        {
            ref readonly QueueEntry entry = ref _entries[i];
            if (entry.Origin is null)
                continue;
            if (mustFlush && entry.IsPersistent)
                _confirms.Add(entry.Origin, entry.Sequence, first + i, entry.Payload);
            else
                entry.Origin.OnStored(entry.Sequence);
        }
    }

    private void RefuseEntries(int count, Exception error)
    {
        foreach (ref readonly QueueEntry entry in _entries.AsSpan(0, count))
        {
            Release(entry.Payload);
            entry.Origin?.OnRefused(entry.Sequence, error);
        }

        Array.Clear(_entries, 0, count);
    }

    private void Release(PayloadReference payload)
    {
        if (!payload.IsNone)
            _host.Payloads.Release(payload);
    }

    // Nobody waits for acknowledgements, so one flush at a time is enough however many there are.
    private void FlushAcknowledgements()
    {
        if (_isAcknowledgementFlushDue)
            return;
        _isAcknowledgementFlushDue = true;
        _ = FlushAcknowledgementsAsync();
    }

    private async Task FlushAcknowledgementsAsync()
    {
        try
        {
            await _store.FlushAcknowledgementsAsync();
        }
        catch (Exception error) when (error is StorageException or IOException or ObjectDisposedException)
        {
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, error);
        }

        _queue.Post(new QueueNotice((_, _) => _isAcknowledgementFlushDue = false));
    }
}
