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

    private RabbitMqTarget(RabbitMqServer server, TimeSpan startTime, WorkDirectory directory, string? authorities = null)
        : base(server, startTime)
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
        };
    }

    public override TargetDescription Description { get; }

    /// <summary>
    /// Transient messages live in memory; persistent ones in a classic queue are written before the confirm and not flushed; a quorum queue flushes its Raft log.
    /// That is what system calls of version 4.3.6 show under load: none to a few flushes in five seconds for classic queues, hundreds a second for a quorum queue.
    /// </summary>
    public override IReadOnlyList<Durability> Levels { get; } = [Durability.Memory, Durability.PageCache, Durability.Fsync];

    /// <summary>What was declared and not removed yet.</summary>
    public RabbitMqLeftovers Leftovers { get; } = new();

    /// <exception cref="TargetUnavailableException">No RabbitMQ can be had.</exception>
    public static async Task<RabbitMqTarget> StartAsync(ComparisonOptions options, WorkDirectory directory, CancellationToken cancellationToken)
    {
        (RabbitMqServer server, TimeSpan time) = await ProvideAsync(() => RabbitMqServer.StartAsync(
            new ProvisioningOptions
            {
                Address = options.RabbitMq,
                ManagementAddress = options.RabbitMqManagement,
                AuthoritiesPath = options.RabbitMqAuthorities,
                WorkDirectory = directory.Path,
            }, cancellationToken)).ConfigureAwait(false);
        return new RabbitMqTarget(server, time, directory, options.RabbitMqAuthorities);
    }

    public override async Task<ServerTarget> StartClusterAsync(CancellationToken cancellationToken)
    {
        (RabbitMqServer server, TimeSpan time) = await ProvideAsync(() => RabbitMqServer.StartAsync(
            new ProvisioningOptions { Nodes = 3, WorkDirectory = _directory.Path }, cancellationToken)).ConfigureAwait(false);
        return new RabbitMqTarget(server, time, _directory);
    }

    public override async Task<BrokerNode> FindLeaderAsync(TargetSession session, string name, CancellationToken cancellationToken)
    {
        Uri management = _server.ManagementUri ?? throw new InvalidOperationException("The leader of a queue is known to the management API, which this broker does not have.");
        string leader = await QueueLeader.FindAsync(management, _server.AmqpUri, session.Name(name), cancellationToken).ConfigureAwait(false);
        return FindNode(node => node.Name == leader, leader);
    }

    public override Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
        => OpenAsync(durability, proxy: null, cancellationToken);

    public override async Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken)
    {
        if (!losesResponse)
            return await OpenAsync(Levels[0], proxy: null, cancellationToken).ConfigureAwait(false);
        ResponseDroppingProxy proxy = _server.StartProxy();
        try
        {
            return await OpenAsync(Levels[0], proxy, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw;
        }
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

    private async Task<TargetSession> OpenAsync(Durability durability, ResponseDroppingProxy? proxy, CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> addresses = proxy is null ? _server.AmqpUris : [_server.AmqpUriThrough(proxy)];
        RabbitMqSession session = new(durability, NextPrefix(), this, addresses, proxy);
        await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }
}
