using System.Globalization;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A publisher with confirms, one queue, and a consumer that acknowledges every message.</summary>
internal sealed class ExchangePipeline : IPipeline
{
    private const ushort Prefetch = 1000;

    private readonly TargetSession _session;
    private readonly string _queue;
    private readonly IExchangeChannel _publisher;
    private readonly MessageProperties _properties;
    private IQueueConsumer? _consumer;

    private ExchangePipeline(string queue, IExchangeChannel publisher, TargetSession session)
    {
        _session = session;
        _queue = queue;
        _publisher = publisher;
        _properties = session.Properties;
        Settings = new Dictionary<string, string>(session.Settings)
        {
            ["messages"] = _properties == MessageProperties.PersistentOnly ? "persistent" : "transient",
            ["confirms"] = string.Create(CultureInfo.InvariantCulture, $"window of {publisher.Options.MaxUnconfirmed}"),
            ["acknowledgement"] = "manual, one by one; AMQP has no answer to it",
            ["prefetch"] = Prefetch.ToString(CultureInfo.InvariantCulture),
        };
    }

    public ModelKind Model => ModelKind.Exchange;

    public IReadOnlyDictionary<string, string> Settings { get; }

    public IReadOnlyDictionary<string, string> Observations { get; } = new Dictionary<string, string>();

    public static async Task<ExchangePipeline> CreateAsync(TargetSession session, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync("load", cancellationToken).ConfigureAwait(false);
        IExchangeChannel publisher = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        return new ExchangePipeline(queue, publisher, session);
    }

    public ValueTask EnqueueAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => _publisher.EnqueueAsync("", _queue, body, _properties, mandatory: false, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _publisher.FlushAsync(cancellationToken);

    public async Task PublishAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => await _publisher.PublishAsync("", _queue, body, _properties, mandatory: false, cancellationToken).ConfigureAwait(false);

    public async Task ConsumeAsync(Action<ReadOnlyMemory<byte>>? onMessage, Counter consumed, CancellationToken cancellationToken)
    {
        IQueueConsumer consumer = _consumer ??= await _session.ConsumingExchanges
            .ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = Prefetch }, cancellationToken).ConfigureAwait(false);
        await foreach (Delivery delivery in consumer.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            onMessage?.Invoke(delivery.Body);
            await delivery.AckAsync(multiple: false, cancellationToken).ConfigureAwait(false);
            consumed.Add(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_consumer is { } consumer)
            await consumer.DisposeAsync().ConfigureAwait(false);
        await _publisher.DisposeAsync().ConfigureAwait(false);
    }
}
