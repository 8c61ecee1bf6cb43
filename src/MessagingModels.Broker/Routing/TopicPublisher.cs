using System.Collections.Concurrent;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// Appends routed messages to topics, through one idempotent producer that all virtual hosts share. Thread-safe. The producer is made when the
/// first exchange is bound to a topic.
/// </summary>
internal sealed class TopicPublisher(Func<ILogProducer> createProducer) : IAsyncDisposable
{
    private const int MaxPooled = 1024;

    private readonly Lazy<ILogProducer> _producer = new(createProducer);
    private readonly ConcurrentQueue<Pending> _pool = new();

    /// <summary>Posts a message to a topic; the origin hears when the topic has it.</summary>
    public void Publish(string topic, in Message message, IPublishOrigin? origin, ulong sequence)
    {
        ProducerRecord record = AmqpRecordMapping.ToRecord(topic, message);
        Action<DeliveryReport>? onDelivered = null;
        Pending? pending = null;
        if (origin is not null)
        {
            pending = _pool.TryDequeue(out Pending? pooled) ? pooled : new Pending(this);
            pending.Start(origin, sequence);
            onDelivered = pending.OnDelivered;
        }

        try
        {
            ValueTask entered = _producer.Value.EnqueueAsync(record, onDelivered);
            if (!entered.IsCompletedSuccessfully)
                _ = WatchAsync(entered, pending);
        }
        catch (LogException error)
        {
            pending?.Finish(error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_producer.IsValueCreated)
            await _producer.Value.DisposeAsync();
    }

    /// <summary>The producer's buffer is full, or it refused the record at once: then nobody else will say so.</summary>
    private static async Task WatchAsync(ValueTask entered, Pending? pending)
    {
        try
        {
            await entered;
        }
        catch (Exception error) when (error is LogException or ObjectDisposedException)
        {
            pending?.Finish(error);
        }
    }

    /// <summary>A publish that waits for its topic; used again once it has been told.</summary>
    private sealed class Pending
    {
        private readonly TopicPublisher _publisher;
        private IPublishOrigin? _origin;
        private ulong _sequence;

        public Pending(TopicPublisher publisher)
        {
            _publisher = publisher;
            OnDelivered = report => Finish(report.Error);
        }

        public Action<DeliveryReport> OnDelivered { get; }

        public void Start(IPublishOrigin origin, ulong sequence)
        {
            _origin = origin;
            _sequence = sequence;
        }

        public void Finish(Exception? error)
        {
            if (Interlocked.Exchange(ref _origin, null) is not { } origin)
                return;
            if (error is null)
                origin.OnStored(_sequence);
            else
                origin.OnRefused(_sequence, error);
            if (_publisher._pool.Count < MaxPooled)
                _publisher._pool.Enqueue(this);
        }
    }
}

/// <summary>A topic that exchanges are bound to.</summary>
internal sealed class TopicDestination(string name, int index, TopicPublisher publisher) : Destination(name, index)
{
    public override void Publish(in Message message, IPublishOrigin? origin, ulong sequence)
        => publisher.Publish(Name, message, origin, sequence);
}
