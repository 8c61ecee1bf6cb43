using MessagingModels.Kafka;
using MessagingModels.Provisioning;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>Clients of a Kafka cluster, with topics and groups of their own.</summary>
internal sealed class KafkaSession(Durability durability, string prefix, KafkaTarget target, ResponseDroppingProxy? proxy) : TargetSession(durability, prefix)
{
    // A step of a transaction that a killed broker left without an answer is given up after this time, and done again with a producer of its own.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(8);

    private readonly List<string> _topics = [];
    private KafkaLogBroker? _log;

    public override ILogBroker Log => _log ?? throw new InvalidOperationException("The clients of this session are closed.");

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["durability"] = durability.ToString(),
        ["flush"] = durability == Durability.Fsync ? "flush.messages=1: before each acknowledgement" : "none before the acknowledgement, Kafka's default",
        ["replicas"] = target.Nodes.Count == 3 ? "3, at least 2 in sync" : "1",
    };

    /// <summary>With a linger of 5 ms, Kafka's own default since 4.0: without it a client over a socket sends hardly more than single records.</summary>
    public override ProducerOptions ThroughputProducer { get; } = new() { Linger = TimeSpan.FromMilliseconds(5) };

    public override TimeSpan SessionTimeout => target.SessionTimeout;

    public override bool LosesResponses => proxy is not null;

    public async Task ConnectAsync(CancellationToken cancellationToken)
        => _log = await target.ConnectAsync(proxy?.Address ?? target.BootstrapServers, RequestTimeout, cancellationToken).ConfigureAwait(false);

    public override async Task<string> CreateTopicAsync(
        string name, int partitions, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? configuration = null)
    {
        Dictionary<string, string> settings = new(configuration ?? new Dictionary<string, string>());
        if (Durability == Durability.Fsync)
            settings["flush.messages"] = "1";
        string topic = await base.CreateTopicAsync(name, partitions, cancellationToken, settings).ConfigureAwait(false);
        _topics.Add(topic);
        return topic;
    }

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        target.DemandNodes();
        await CloseAsync().ConfigureAwait(false);
        await target.StopAsync().ConfigureAwait(false);
        await target.StartAsync(cancellationToken).ConfigureAwait(false);
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task<bool> LoseResponseAsync(Func<Task> send, CancellationToken cancellationToken)
        => proxy is null ? base.LoseResponseAsync(send, cancellationToken) : LostResponse.RunAsync(proxy, send, cancellationToken);

    public override ValueTask BuryAsync(ILogConsumer consumer)
    {
        target.Keep(consumer);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (string topic in _log is null ? [] : _topics)
        {
            try
            {
                await Log.DeleteTopicAsync(topic).ConfigureAwait(false);
            }
            catch (MessagingException)
            {
                // The broker is gone, or the experiment deleted it: nothing is left to remove.
            }
        }

        await CloseAsync().ConfigureAwait(false);
        if (proxy is not null)
            await proxy.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        if (_log is { } log)
        {
            _log = null;
            await log.DisposeAsync().ConfigureAwait(false);
        }
    }
}
