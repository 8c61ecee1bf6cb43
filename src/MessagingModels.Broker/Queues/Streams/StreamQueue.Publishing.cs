using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

internal sealed partial class StreamQueue
{
    private readonly List<(IPublishOrigin Origin, ulong Sequence)> _waiting = [];
    private long _batchBytes;

    public void Publish(ReadOnlySpan<QueuePublish> publishes, long nowMs)
    {
        int done = 0;
        try
        {
            foreach (ref readonly QueuePublish publish in publishes)
            {
                Add(publish.Message, nowMs);
                if (publish.Origin is not null)
                    _waiting.Add((publish.Origin, publish.Sequence));
                done++;
                if (_batch.IsFull)
                    Write();
            }

            Write();
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
        Settle(settlements, nowMs);
        if (publishes.IsEmpty)
        {
            origin.OnStored(0);
            return;
        }

        foreach (ref readonly Message message in publishes)
            Add(message, nowMs);
        _waiting.Add((origin, 0));
        Write();
    }

    // A stream keeps its messages for as long as it likes, so it holds their bodies itself.
    private void Add(in Message message, long nowMs)
    {
        if (!message.Payload.IsNone)
            _host.Payloads.Release(message.Payload);
        _batch.Add(message with { Payload = default }, isPersistent: true, nowMs);
        _batchBytes += message.Body.Length;
    }

    private void Write()
    {
        int count = _batch.Count;
        if (count == 0)
            return;
        try
        {
            LogAppendResult at = _log.Append(_batch.Build());
            _bytesSinceRetention += _batchBytes;
            Counters.PublishedTotal += count;
            Count();
            foreach ((IPublishOrigin origin, ulong sequence) in _waiting)
            {
                if (MustFlush)
                    _confirms.Add(origin, sequence, at.LastOffset, default);
                else
                    origin.OnStored(sequence);
            }
        }
        catch (Exception failure)
        {
            foreach ((IPublishOrigin origin, ulong sequence) in _waiting)
                origin.OnRefused(sequence, failure);
            if (failure is not (StorageFullException or RecordBatchesTooLargeException))
                throw;
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, failure);
        }
        finally
        {
            _batch.Reset();
            _batchBytes = 0;
            _waiting.Clear();
        }
    }
}
