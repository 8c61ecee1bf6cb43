using MessagingModels.Comparison.Reporting;
using MessagingModels.Provisioning;
using MessagingModels.RabbitMq;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>RabbitMQ, through the adapter.</summary>
internal sealed class RabbitMqTarget : ServerTarget
{
    public const string Name = "rabbitmq";

    private readonly RabbitMqServer _server;
    private readonly WorkDirectory _directory;
    private readonly string? _authorities;

    private RabbitMqTarget(RabbitMqServer server, WorkDirectory directory, string? authorities = null)
        : base(server)
    {
        _server = server;
        _directory = directory;
        _authorities = authorities;
        Description = new TargetDescription(Name, server.Version, TargetDescription.OverSocket)
        {
            Kind = TargetKind.RabbitMq,
            Models = [ModelKind.Exchange],
            Client = $"MessagingModels.RabbitMq over {ClientOf("RabbitMQ.Client")}",
            Origin = server.Description,
            FailedBefore = server.FailedBefore,
            Settings = server.Settings,
        };
    }

    public override TargetDescription Description { get; }

    /// <summary>
    /// Transient messages are promised to memory alone, though 4.3 writes them to files too; persistent ones in a classic queue are written before the confirm and not flushed; a quorum queue flushes its Raft log.
    /// That is what system calls of version 4.3.6 show under load: none to a few flushes in five seconds for classic queues, hundreds a second for a quorum queue.
    /// </summary>
    public override IReadOnlyList<Durability> Levels { get; } = [Durability.Memory, Durability.PageCache, Durability.Fsync];

    /// <summary>What was declared and not removed yet.</summary>
    public RabbitMqLeftovers Leftovers { get; } = new();

    /// <summary>The management API; null where it is not known.</summary>
    public Uri? ManagementUri => _server.ManagementUri;

    /// <exception cref="TargetUnavailableException">No RabbitMQ can be had.</exception>
    public static async Task<RabbitMqTarget> StartAsync(ComparisonOptions options, WorkDirectory directory, CancellationToken cancellationToken)
    {
        RabbitMqServer server = await ProvideAsync(() => RabbitMqServer.StartAsync(OptionsFor(options, directory), cancellationToken)).ConfigureAwait(false);
        return new RabbitMqTarget(server, directory, options.RabbitMqAuthorities);
    }

    /// <summary>How the broker is looked for.</summary>
    internal static ProvisioningOptions OptionsFor(ComparisonOptions options, WorkDirectory directory) => new()
    {
        Address = options.RabbitMq,
        ManagementAddress = options.RabbitMqManagement,
        AuthoritiesPath = options.RabbitMqAuthorities,
        WorkDirectory = directory.Path,
        UseContainers = !options.WithoutContainers,
    };

    public override async Task<ServerTarget> StartNodesAsync(int nodes, CancellationToken cancellationToken)
    {
        ProvisioningOptions options = new() { Nodes = nodes, UseContainers = false, WorkDirectory = _directory.Path };
        return new RabbitMqTarget(await ProvideAsync(() => RabbitMqServer.StartAsync(options, cancellationToken)).ConfigureAwait(false), _directory);
    }

    public override async Task<BrokerNode> FindLeaderAsync(TargetSession session, string name, CancellationToken cancellationToken)
    {
        string leader = (await DescribeQueueAsync(session.Name(name), cancellationToken).ConfigureAwait(false)).Leader;
        return FindNode(node => node.Name == leader, leader);
    }

    /// <summary>The management API knows which members run; how far each has got it does not tell.</summary>
    public override async Task<bool> IsInSyncAsync(TargetSession session, string name, CancellationToken cancellationToken)
        => (await DescribeQueueAsync(session.Name(name), cancellationToken).ConfigureAwait(false)).Online.Count == Nodes.Count;

    /// <summary>What the management API says of a quorum queue's members; it is asked at a node that runs.</summary>
    /// <exception cref="InvalidOperationException">There is no such API, or it does not answer, or the queue has no members.</exception>
    public async Task<QueueMembers> DescribeQueueAsync(string queue, CancellationToken cancellationToken)
    {
        int running = Math.Max(0, Nodes.ToList().FindIndex(static node => node.IsRunning));
        if (_server.ManagementUris.ElementAtOrDefault(running) is not { } management)
            throw new InvalidOperationException("The members of a queue are known to the management API, which this broker does not have.");
        using HttpClient client = _server.CreateManagementClient(management);
        return await QueueMembers.ReadAsync(client, _server.AmqpUri, queue, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How the adapter is to connect to this broker.</summary>
    public RabbitMqOptions OptionsFor(Uri address)
    {
        RabbitMqOptions options = new() { Uri = address, ManagementUri = _server.ManagementUri, RecoveryInterval = TimeSpan.FromMilliseconds(200) };
        options.Tls.AuthoritiesPath = _authorities;
        return options;
    }

    public override async ValueTask DisposeAsync()
    {
        if (MustBeCleaned)
            await Leftovers.RemoveAsync(OptionsFor(_server.AmqpUri)).ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ResponseDroppingProxy StartProxy() => _server.StartProxy();

    protected override async Task<TargetSession> ConnectAsync(Durability durability, ResponseDroppingProxy? proxy, CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> addresses = proxy is null ? _server.AmqpUris : [_server.AmqpUriThrough(proxy)];
        RabbitMqSession session = new(durability, NextPrefix(), this, addresses, proxy);
        await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }
}
