using System.Globalization;
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

    /// <summary>How many replicas topics have; known from the start for brokers of this run, and from the first topic on for a given cluster.</summary>
    private string _replicas = target.IsGiven ? "as the given cluster has it" : ReplicasOf(target.Nodes.Count, "2");

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["durability"] = Durability.ToString(),
        ["flush"] = Durability == Durability.Fsync ? "flush.messages=1: before each acknowledgement" : "none before the acknowledgement, Kafka's default",
        ["replicas"] = _replicas,
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
        if (target.IsGiven && _topics.Count == 1)
        {
            TopicDescription description = await Log.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false);
            _replicas = ReplicasOf(description.Partitions[0].Replicas.Count, description.Configuration.GetValueOrDefault(TopicConfiguration.MinInSyncReplicas)?.Value);
        }

        return topic;
    }

    private static string ReplicasOf(int count, string? inSync)
        => count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{count}, at least {inSync ?? "an unknown number"} in sync") : "1";

    public override long? ReadStoredBytes() => target.ReadStoredBytes();

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        target.DemandNodes();
        await CloseAsync().ConfigureAwait(false);
        await target.StopAsync().ConfigureAwait(false);
        await target.StartAsync(cancellationToken).ConfigureAwait(false);
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task<bool> LoseResponseAsync(Func<Task> send, bool untilGivenUp, CancellationToken cancellationToken)
        => proxy is null ? base.LoseResponseAsync(send, untilGivenUp, cancellationToken) : LostResponse.RunAsync(proxy, send, untilGivenUp, cancellationToken);

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
