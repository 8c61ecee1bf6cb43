namespace MessagingModels.Broker.Queues;

/// <summary>A message that left a queue and stays in its log until it has arrived elsewhere.</summary>
internal readonly record struct DeadLetter(long Offset, int BodyBytes, string Reason, int DeliveryCount, PayloadReference Payload);

/// <summary>
/// At-least-once dead letters of a queue: a bounded number on their way, the others wait. What the target refuses is tried again after
/// <see cref="QueueLimits.DeadLetterRetry"/>. A restart forgets the reasons: what had not arrived is ready again.
/// Used by the queue's loop, but for what the target calls.
/// </summary>
internal sealed class DeadLetterOutbox(Queue queue, QueueHost host, QueueStore store) : IPublishOrigin
{
    private const int MostOnTheirWay = 256;

    private readonly Queue<DeadLetter> _waiting = new();
    private readonly Dictionary<ulong, DeadLetter> _sent = [];
    private ulong _nextSequence;
    private long _retryAtMs;

    public int Count => _waiting.Count + _sent.Count;

    /// <summary>The size of their bodies.</summary>
    public long Bytes { get; private set; }

    public long NextDeadlineMs => _waiting.Count > 0 && _sent.Count < MostOnTheirWay ? _retryAtMs : long.MaxValue;

    public void Add(in DeadLetter letter)
    {
        _waiting.Enqueue(letter);
        Bytes += letter.BodyBytes;
    }

    public void Send(long nowMs)
    {
        while (_sent.Count < MostOnTheirWay && nowMs >= _retryAtMs && _waiting.TryDequeue(out DeadLetter letter))
        {
            ulong sequence = _nextSequence++;
            _sent.Add(sequence, letter);
            Message message = store.ToMessage(store.Read(letter.Offset));
            host.DeadLetters.DeadLetter(message, letter.Reason, queue, letter.DeliveryCount, this, sequence);
        }
    }

    public void OnStored(ulong sequence) => queue.Post(new QueueNotice((engine, _) =>
    {
        if (!_sent.Remove(sequence, out DeadLetter letter) || engine is not WorkQueue work)
            return;
        Bytes -= letter.BodyBytes;
        work.OnDeadLettered(letter);
    }));

    public void OnRefused(ulong sequence, Exception? error) => queue.Post(new QueueNotice((_, nowMs) =>
    {
        if (!_sent.Remove(sequence, out DeadLetter letter))
            return;
        _waiting.Enqueue(letter);
        _retryAtMs = nowMs + (long)host.Limits.DeadLetterRetry.TotalMilliseconds;
    }));

    /// <summary>The queue is deleted.</summary>
    public void ReleasePayloads()
    {
        foreach (DeadLetter letter in _waiting.Concat(_sent.Values))
        {
            if (!letter.Payload.IsNone)
                host.Payloads.Release(letter.Payload);
        }
    }
}
