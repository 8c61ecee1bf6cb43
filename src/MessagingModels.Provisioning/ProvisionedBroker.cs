namespace MessagingModels.Provisioning;

/// <summary>A real broker to work against. Disposal stops for certain what this run started and removes its data.</summary>
public abstract class ProvisionedBroker : IAsyncDisposable
{
    private readonly IAsyncDisposable? _owned;
    private readonly Func<CancellationToken, Task>? _probeAsync;
    private readonly string _description;

    private protected ProvisionedBroker(string system, BrokerSource source)
    {
        System = system;
        Version = source.Version;
        Origin = source.Origin;
        _description = source.Description;
        Nodes = source.Nodes;
        LogDirectory = source.LogDirectory;
        Settings = source.Settings;
        StartTime = source.StartTime;
        _owned = source.Owned;
        _probeAsync = source.ProbeAsync;
    }

    /// <summary><c>Kafka</c> or <c>RabbitMQ</c>.</summary>
    public string System { get; }

    /// <summary>The broker's version; <c>unknown</c> where it does not tell (a Kafka that was given).</summary>
    public string Version { get; }

    /// <summary>Where it came from.</summary>
    public BrokerOrigin Origin { get; }

    /// <summary>One line for reports: system, version, origin, number of nodes, and <see cref="FailedBefore"/> where there is something.</summary>
    public string Description => FailedBefore.Length == 0 ? _description : $"{_description}; before it was tried in vain {FailedBefore}";

    /// <summary>
    /// The ways to this system that were tried first and should have worked, each with the reason why it did not, on one line: a Docker engine that
    /// answered and could not start a container. Empty where there were none.
    /// </summary>
    public string FailedBefore { get; internal set; } = "";

    /// <summary>The processes this run started; empty for a given broker and for containers.</summary>
    public IReadOnlyList<BrokerNode> Nodes { get; }

    /// <summary>Where the logs of the processes are as long as they live; null where this run did not start processes.</summary>
    public string? LogDirectory { get; }

    /// <summary>What this run set that the system's own defaults do not say, the heap included; empty for a broker that was given.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>How long the processes took from their start until all served clients, without what was prepared before; null where this run did not start processes.</summary>
    public TimeSpan? StartTime { get; }

    /// <summary>
    /// Completes when the broker is gone though this run did not end it: a process of its own died, or a broker that runs elsewhere does not answer
    /// several times in a row.
    /// </summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>What happened, on one line.</returns>
    public Task<string> WatchAsync(CancellationToken cancellationToken) => new BrokerWatch(System, Nodes, _probeAsync).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_owned is not null)
            await _owned.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>As in <see cref="Description"/>.</summary>
    public override string ToString() => Description;
}

/// <summary>What a broker of any origin has in common.</summary>
/// <param name="Owned">What disposal ends: a container or a group of processes; null for a broker that was given.</param>
internal sealed record BrokerSource(BrokerOrigin Origin, string Version, string Description, IAsyncDisposable? Owned)
{
    public IReadOnlyList<BrokerNode> Nodes { get; init; } = [];
    public string? LogDirectory { get; init; }
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
    public TimeSpan? StartTime { get; init; }

    /// <summary>For a broker without processes of this run: throws <see cref="BrokerUnavailableException"/> where it does not answer.</summary>
    public Func<CancellationToken, Task>? ProbeAsync { get; init; }
}
