using System.Globalization;
using System.Reflection;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Provisioning;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A real broker, reached over a socket. Sessions share it, with names of their own.</summary>
internal abstract class ServerTarget(ProvisionedBroker broker) : IComparisonTarget
{
    /// <summary>Sets the names of this run apart from those of others on a broker that was given.</summary>
    private readonly string _run = Guid.NewGuid().ToString("N")[..6];
    private int _sessions;
    private string? _loss;

    public abstract TargetDescription Description { get; }

    public abstract IReadOnlyList<Durability> Levels { get; }

    /// <summary>The processes that this run started; none for a broker that was given and for containers.</summary>
    public IReadOnlyList<BrokerNode> Nodes => broker.Nodes;

    /// <summary>Why there are no <see cref="Nodes"/>, as a clause: what needs them is left out for this reason.</summary>
    public string WhyNoNodes => ReasonFor(broker.Origin);

    /// <summary>True for a broker that the user runs, with settings of the user's.</summary>
    public bool IsGiven => broker.Origin == BrokerOrigin.Given;

    /// <summary>How long the processes took from their start until they served clients; null where this run did not start them.</summary>
    public TimeSpan? StartTime => broker.StartTime;

    public Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
        => ConnectAsync(durability, proxy: null, cancellationToken);

    public async Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken)
    {
        if (!losesResponse)
            return await OpenAsync(Levels[0], cancellationToken).ConfigureAwait(false);
        ResponseDroppingProxy proxy = StartProxy();
        try
        {
            return await ConnectAsync(Levels[0], proxy, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts nodes of the same system as local processes, beside this one; each node is set as every other, however many there are.</summary>
    /// <param name="nodes">1 or 3.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="TargetUnavailableException">They cannot be had.</exception>
    public abstract Task<ServerTarget> StartNodesAsync(int nodes, CancellationToken cancellationToken);

    /// <summary>The node that leads the partition of a topic, or a queue.</summary>
    /// <param name="session">The session that declared it.</param>
    /// <param name="name">Its name in the session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It has no leader, or one that this run did not start.</exception>
    public abstract Task<BrokerNode> FindLeaderAsync(TargetSession session, string name, CancellationToken cancellationToken);

    /// <summary>Whether all nodes hold a topic's partition or a queue, and are up to date as far as the system tells.</summary>
    /// <param name="session">The session that declared it.</param>
    /// <param name="name">Its name in the session.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public abstract Task<bool> IsInSyncAsync(TargetSession session, string name, CancellationToken cancellationToken);

    public Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
        => KilledServer.RunAsync(this, settings, count, cancellationToken);

    /// <summary>To be asked before anything is closed that a restart would open again.</summary>
    /// <exception cref="NotSupportedException">This run did not start the broker's processes.</exception>
    public void DemandNodes()
    {
        if (Nodes.Count == 0)
            throw new NotSupportedException(WhyNoNodes);
    }

    internal static string ReasonFor(BrokerOrigin origin) => origin == BrokerOrigin.Container
        ? "this run started the broker in a container, whose processes it neither kills, restarts nor measures; with --no-containers it starts local processes"
        : "this run did not start the broker's processes, so it does not kill, restart or measure them either";

    /// <summary>Stops the broker's processes in good order.</summary>
    /// <exception cref="NotSupportedException">This run did not start them.</exception>
    public async Task StopAsync()
    {
        DemandNodes();
        await Task.WhenAll(Nodes.Select(static node => node.StopAsync())).ConfigureAwait(false);
    }

    /// <summary>Kills the broker's processes.</summary>
    /// <exception cref="NotSupportedException">This run did not start them.</exception>
    public async Task KillAsync()
    {
        DemandNodes();
        await Task.WhenAll(Nodes.Select(static node => node.KillAsync())).ConfigureAwait(false);
    }

    /// <summary>Starts the processes that do not run, on the data they had.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Nodes.Where(static node => !node.IsRunning).Select(node => node.StartAsync(cancellationToken)));

    public BrokerUsage? ReadUsage()
    {
        if (Nodes.Count == 0 || Nodes.Any(static node => !node.IsRunning))
            return null;
        ProcessUsage[] usages = [.. Nodes.Select(static node => node.ReadUsage())];
        return new BrokerUsage(
            usages.Aggregate(TimeSpan.Zero, static (sum, usage) => sum + usage.CpuTime), usages.Sum(static usage => usage.ResidentBytes));
    }

    /// <inheritdoc cref="TargetSession.ReadStoredBytes"/>
    public long? ReadStoredBytes() => Nodes.Count == 0 ? null : Nodes.Sum(static node => WorkDirectory.SizeOf(node.DataDirectory));

    public async Task<string> WatchAsync(CancellationToken cancellationToken) => _loss = await broker.WatchAsync(cancellationToken).ConfigureAwait(false);

    public string? FindFailure() => _loss is not null ? _loss : Nodes.FirstOrDefault(static node => !node.IsRunning) is { } dead
        ? $"node {dead.Id} of {broker.System} at {dead.Address} does not run any more."
        : null;

    public virtual ValueTask DisposeAsync() => broker.DisposeAsync();

    /// <summary>The beginning of all names of the next session.</summary>
    protected string NextPrefix() => string.Create(CultureInfo.InvariantCulture, $"{RunPrefix}{Interlocked.Increment(ref _sessions)}-");

    /// <summary>The beginning of all names of this run.</summary>
    protected string RunPrefix => $"mm-{_run}-";

    /// <summary>True where what this run declared outlives it: on a broker that others use, and that still answers.</summary>
    protected bool MustBeCleaned => broker.Origin == BrokerOrigin.Given && _loss is null;

    /// <summary>Opens a session, through a proxy where there is one; the session disposes it.</summary>
    protected abstract Task<TargetSession> ConnectAsync(Durability durability, ResponseDroppingProxy? proxy, CancellationToken cancellationToken);

    /// <exception cref="NotSupportedException">No proxy can stand in front of this broker.</exception>
    protected abstract ResponseDroppingProxy StartProxy();

    /// <summary>Starts a broker.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had.</exception>
    protected static async Task<T> ProvideAsync<T>(Func<Task<T>> start)
        where T : ProvisionedBroker
    {
        try
        {
            return await start().ConfigureAwait(false);
        }
        catch (BrokerUnavailableException exception)
        {
            throw new TargetUnavailableException(exception.Message, exception) { WasConfigured = exception.WasConfigured };
        }
    }

    /// <summary>The name and version of a client library.</summary>
    protected static string ClientOf(string assembly)
    {
        string? version = Assembly.Load(assembly).GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"{assembly} {version?.Split('+')[0]}";
    }

    /// <exception cref="InvalidOperationException">There is no such node.</exception>
    protected BrokerNode FindNode(Func<BrokerNode, bool> isLeader, string leader) => Nodes.FirstOrDefault(isLeader)
        ?? throw new InvalidOperationException($"Node {leader} leads, which is none that this run started.");
}
