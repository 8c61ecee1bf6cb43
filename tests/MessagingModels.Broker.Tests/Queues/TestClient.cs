using System.Text;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Tests.Queues;

/// <summary>Publishes to a queue and takes what it delivers.</summary>
internal sealed class TestClient : IDeliverySink, IPublishOrigin
{
    private readonly object _gate = new();
    private readonly List<QueueDelivery> _deliveries = [];
    private readonly List<string> _cancelled = [];
    private readonly List<string> _timeouts = [];
    private readonly SortedSet<ulong> _stored = [];
    private readonly SortedSet<ulong> _refused = [];
    private ulong _nextSequence;

    /// <summary>How many deliveries the sink has room for.</summary>
    public int Room { get; set; } = int.MaxValue;

    public IReadOnlyList<QueueDelivery> Deliveries => Copy(_deliveries);

    public IReadOnlyList<string> Bodies => [.. Deliveries.Select(delivery => Text(delivery))];

    public IReadOnlyList<string> Cancelled => Copy(_cancelled);

    public IReadOnlyList<string> Timeouts => Copy(_timeouts);

    public IReadOnlyList<ulong> Refused => Copy(_refused);

    public static string Text(QueueDelivery delivery) => Encoding.UTF8.GetString(delivery.Message.Body.Span);

    public static Message NewMessage(string body, bool persistent = true, byte priority = 0, long expirationMs = -1) => new()
    {
        Exchange = "x",
        RoutingKey = "key",
        Body = Encoding.UTF8.GetBytes(body),
        Persistent = persistent,
        Priority = priority,
        ExpirationMs = expirationMs,
    };

    public QueueConsumer Consumer(string tag = "c", ushort prefetch = 0, bool autoAck = false, int priority = 0, bool exclusive = false) =>
        new() { Tag = tag, Sink = this, Prefetch = prefetch, AutoAck = autoAck, Priority = priority, Exclusive = exclusive };

    /// <summary>Publishes and waits for the answers; says which were refused.</summary>
    public async Task<IReadOnlyList<ulong>> PublishAsync(Queue queue, params IEnumerable<string> bodies) =>
        await PublishAsync(queue, bodies.Select(body => NewMessage(body)));

    public async Task<IReadOnlyList<ulong>> PublishAsync(Queue queue, IEnumerable<Message> messages)
    {
        ulong first = _nextSequence;
        foreach (Message message in messages)
            queue.Publish(message, this, _nextSequence++);
        ulong end = _nextSequence;
        await Eventually(() => _stored.Count(s => s >= first && s < end) + _refused.Count(s => s >= first && s < end) == (int)(end - first));
        return [.. Refused.Where(sequence => sequence >= first)];
    }

    /// <summary>Waits until the queue delivered so many in all.</summary>
    public async Task<IReadOnlyList<QueueDelivery>> WaitForAsync(int count)
    {
        await Eventually(() => _deliveries.Count >= count);
        return Deliveries;
    }

    public async Task Eventually(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        await Task.Run(() =>
        {
            lock (_gate)
            {
                while (!condition())
                {
                    limit.Token.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate, 10);
                }
            }
        });
    }

    bool IDeliverySink.TryReserve(QueueConsumer consumer)
    {
        lock (_gate)
        {
            if (Room == 0)
                return false;
            Room--;
            return true;
        }
    }

    void IDeliverySink.Deliver(QueueConsumer consumer, in QueueDelivery delivery)
    {
        lock (_gate)
        {
            _deliveries.Add(delivery);
            Monitor.PulseAll(_gate);
        }
    }

    void IDeliverySink.OnCancelled(QueueConsumer consumer, string reason)
    {
        lock (_gate)
            _cancelled.Add(consumer.Tag);
    }

    void IDeliverySink.OnConsumerTimeout(QueueConsumer consumer, string message)
    {
        lock (_gate)
            _timeouts.Add(message);
    }

    void IPublishOrigin.OnStored(ulong sequence)
    {
        lock (_gate)
        {
            _stored.Add(sequence);
            Monitor.PulseAll(_gate);
        }
    }

    void IPublishOrigin.OnRefused(ulong sequence, Exception? error)
    {
        lock (_gate)
        {
            _refused.Add(sequence);
            Monitor.PulseAll(_gate);
        }
    }

    private List<T> Copy<T>(IEnumerable<T> items)
    {
        lock (_gate)
            return [.. items];
    }
}
