using System.Collections.Concurrent;
using System.Globalization;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>Apache Kafka, through the adapter.</summary>
internal sealed class KafkaTarget : ServerTarget
{
    public const string Name = "kafka";

    /// <summary>How long a killed broker stays registered, during which it cannot come back; Kafka's default is 9 s.</summary>
    public static readonly TimeSpan BrokerSessionTimeout = TimeSpan.FromSeconds(3);

    // Three have to fit on one machine; one that is held against them gets no more.
    private const int NodeHeapMebibytes = 512;
    private const string OffsetsTopic = "__consumer_offsets";

    private readonly KafkaServer _server;
    private readonly WorkDirectory _directory;

    private KafkaTarget(KafkaServer server, WorkDirectory directory)
        : base(server)
    {
        _server = server;
        _directory = directory;
        Description = new TargetDescription(Name, server.Version, TargetDescription.OverSocket)
        {
            Kind = TargetKind.Kafka,
            Models = [ModelKind.Log],
            Client = $"MessagingModels.Kafka over {ClientOf("Confluent.Kafka")}",
            Origin = server.Description,
            FailedBefore = server.FailedBefore,
            Settings = server.Settings,
        };
    }

    public override TargetDescription Description { get; }

    /// <summary>Kafka writes to the page cache and never flushes before it acknowledges, unless a topic asks for it. There is no level below.</summary>
    public override IReadOnlyList<Durability> Levels { get; } = [Durability.PageCache, Durability.Fsync];

    /// <summary>The distribution whose tools fit this broker; null where there is none.</summary>
    public string? Home => _server.Home;

    public string BootstrapServers => _server.BootstrapServers;

    /// <summary>Where files and processes of this run have their directories.</summary>
    public string RunDirectory => _directory.Path;

    /// <summary>The share groups of this run, which the client library does not list among the groups.</summary>
    public ConcurrentBag<string> ShareGroups { get; } = [];

    /// <summary>True where clients have to log in or to speak TLS, in librdkafka's words, which other clients do not read.</summary>
    public bool HasClientSettings => _server.ClientSettings.Count > 0;

    /// <summary>How soon a group may find out that a member died: a broker of this run is set to allow it, others have Kafka's limit.</summary>
    public TimeSpan SessionTimeout => _server.Origin == BrokerOrigin.Given ? TimeSpan.FromSeconds(6) : TimeSpan.FromSeconds(1);

    /// <exception cref="TargetUnavailableException">No Kafka can be had.</exception>
    public static async Task<KafkaTarget> StartAsync(ComparisonOptions options, WorkDirectory directory, CancellationToken cancellationToken)
    {
        KafkaServer server = await ProvideAsync(() => KafkaServer.StartAsync(OptionsFor(options, directory), cancellationToken)).ConfigureAwait(false);
        KafkaTarget target = new(server, directory);
        if (server.Origin == BrokerOrigin.Given)
            await target.TryLoginAsync(cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <summary>How the broker is looked for.</summary>
    internal static ProvisioningOptions OptionsFor(ComparisonOptions options, WorkDirectory directory) => new()
    {
        Address = options.Kafka,
        ClientSettings = options.KafkaSettings,
        WorkDirectory = directory.Path,
        Settings = Settings(),
        UseContainers = !options.WithoutContainers,
    };

    public override async Task<ServerTarget> StartNodesAsync(int nodes, CancellationToken cancellationToken)
    {
        ProvisioningOptions options = new()
        {
            Nodes = nodes,
            UseContainers = false,
            HeapMebibytes = NodeHeapMebibytes,
            WorkDirectory = _directory.Path,
            Settings = Settings(),
        };
        return new KafkaTarget(await ProvideAsync(() => KafkaServer.StartAsync(options, cancellationToken)).ConfigureAwait(false), _directory);
    }

    public override async Task<BrokerNode> FindLeaderAsync(TargetSession session, string name, CancellationToken cancellationToken)
    {
        int leader = (await session.Log.DescribeTopicAsync(session.Name(name), cancellationToken).ConfigureAwait(false)).Partitions[0].Leader;
        return FindNode(node => node.Id == leader, leader.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A group's offsets lie on the cluster too: where those lag behind, the next failure would stop commits and not only the partition.</summary>
    public override async Task<bool> IsInSyncAsync(TargetSession session, string name, CancellationToken cancellationToken)
    {
        TopicDescription topic = await session.Log.DescribeTopicAsync(session.Name(name), cancellationToken).ConfigureAwait(false);
        try
        {
            return IsWhole(topic) && IsWhole(await session.Log.DescribeTopicAsync(OffsetsTopic, cancellationToken).ConfigureAwait(false));
        }
        catch (LogException exception) when (exception.ErrorCode == LogErrorCode.UnknownTopicOrPartition)
        {
            // No group has been there yet.
            return IsWhole(topic);
        }

        bool IsWhole(TopicDescription description) => description.Partitions.All(partition => partition.InSyncReplicas.Count == Nodes.Count);
    }

    /// <summary>Settings of the brokers that a run starts, one or three; the target's description names them.</summary>
    public static Dictionary<string, string> Settings() => new()
    {
        ["broker.session.timeout.ms"] = BrokerSessionTimeout.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture),
        ["group.min.session.timeout.ms"] = "500",

        // Retention is shown within seconds; by default Kafka waits half a minute and then looks every five.
        ["log.retention.check.interval.ms"] = "500",
        ["log.initial.task.delay.ms"] = "500",
    };

    /// <summary>Connects the adapter with all that this cluster asks of clients.</summary>
    public Task<KafkaLogBroker> ConnectAsync(string servers, TimeSpan requestTimeout, CancellationToken cancellationToken)
    {
        KafkaOptions options = new() { BootstrapServers = servers, RequestTimeout = requestTimeout };
        foreach ((string name, string value) in _server.ClientSettings)
            options.Settings[name] = value;
        return KafkaLogBroker.ConnectAsync(options, null, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (MustBeCleaned)
            await KafkaLeftovers.RemoveAsync(this, RunPrefix).ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <exception cref="TargetUnavailableException">The cluster does not take this client: a wrong password, a wrong setting.</exception>
    private async Task TryLoginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using KafkaLogBroker log = await ConnectAsync(BootstrapServers, TimeSpan.FromSeconds(8), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ArgumentException)
        {
            string reason = CommandLine.WithoutSecrets(exception.Message.ReplaceLineEndings(" "), _server.ClientSettings);
            throw new TargetUnavailableException(
                $"The Kafka given as '{BootstrapServers}' takes no client: {reason.TrimEnd('.')}. "
                + "For a login or TLS give --kafka-setting NAME=VALUE, with librdkafka's names.", exception);
        }
    }

    protected override ResponseDroppingProxy StartProxy() => _server.StartProxy();

    protected override async Task<TargetSession> ConnectAsync(Durability durability, ResponseDroppingProxy? proxy, CancellationToken cancellationToken)
    {
        KafkaSession session = new(durability, NextPrefix(), this, proxy);
        await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }
}
