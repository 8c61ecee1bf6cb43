using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>An embedded broker, opened for one measurement. Disposal closes it and removes its data.</summary>
internal sealed class NativeSession(Durability durability, string? dataDirectory) : TargetSession(durability, prefix: "")
{
    private EmbeddedBroker? _broker;

    /// <summary>Where the data lies; null for memory.</summary>
    public string? DataDirectory => dataDirectory;

    public override ILogBroker Log => Broker.Log;

    public override IExchangeBroker Exchanges => Broker.Exchanges;

    private EmbeddedBroker Broker => _broker ?? throw new InvalidOperationException("The broker of this session is closed.");

    public async Task OpenAsync(CancellationToken cancellationToken) => _broker = await EmbeddedBroker.StartAsync(
        new EmbeddedBrokerOptions
        {
            DataDirectory = dataDirectory,
            Durability = Durability,
            // Retention and expiry are shown within seconds; Kafka looks every five minutes.
            RetentionCheckInterval = TimeSpan.FromMilliseconds(200),
        },
        cancellationToken: cancellationToken).ConfigureAwait(false);

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the broker; <see cref="OpenAsync"/> starts it again on what it kept.</summary>
    public async Task CloseAsync()
    {
        if (_broker is { } broker)
        {
            _broker = null;
            await broker.DisposeAsync().ConfigureAwait(false);
        }
    }

    public override Task ResendAsync(ILogProducer producer, ProducerRecord record, CancellationToken cancellationToken)
        => BatchClient.ResendAsync(Broker, record, producer.Options, cancellationToken);

    public override long? ReadStoredBytes() => dataDirectory is null ? 0 : WorkDirectory.SizeOf(dataDirectory);

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        if (dataDirectory is not null)
            WorkDirectory.Remove(dataDirectory);
    }
}
