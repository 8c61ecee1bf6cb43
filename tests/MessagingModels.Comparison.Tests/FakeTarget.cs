using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests;

/// <summary>A system over a socket, as far as a run of experiments that open no session sees it. It can be lost.</summary>
internal sealed class FakeTarget(string name) : IComparisonTarget
{
    private readonly TaskCompletionSource<string> _loss = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TargetDescription Description { get; init; } = new(name, "1", TargetDescription.OverSocket) { Kind = TargetKind.Kafka, Models = [ModelKind.Log] };

    public IReadOnlyList<Durability> Levels { get; } = [Durability.PageCache];

    public bool IsGiven { get; init; }

    public bool IsDisposed { get; private set; }

    /// <summary>An entry that gives this target.</summary>
    public TargetEntry Entry => new(name, (_, _, _) => Task.FromResult<IComparisonTarget>(this));

    /// <summary>An entry whose target cannot be had.</summary>
    public static TargetEntry Missing(string name, string reason, bool wasConfigured = false)
        => new(name, (_, _, _) => throw new TargetUnavailableException(reason) { WasConfigured = wasConfigured });

    /// <summary>The entry of the embedded broker.</summary>
    public static TargetEntry Native() => TargetCatalog.All.Single(static entry => entry.Name == NativeTarget.Name);

    public void Lose(string how) => _loss.TrySetResult(how);

    public Task<string> WatchAsync(CancellationToken cancellationToken) => _loss.Task.WaitAsync(cancellationToken);

    public string? FindFailure() => _loss.Task.IsCompletedSuccessfully ? _loss.Task.Result : null;

    public Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken) => throw new NotSupportedException("a fake opens nothing");

    public Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken) => throw new NotSupportedException("a fake opens nothing");

    public Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
        => throw new NotSupportedException("a fake cannot be killed");

    public BrokerUsage? ReadUsage() => null;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

/// <summary>An experiment that takes one figure and does as it is told.</summary>
internal sealed class FakeExperiment(string name, Func<IComparisonTarget, CancellationToken, Task>? run = null) : IExperiment
{
    public ExperimentInfo Info { get; } = new(name, $"The {name} one", "By pretending.");

    public bool IsLong { get; init; }

    public bool IsLongOn(TargetKind kind) => IsLong;

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        context.Measured(null, "pretended", name, "x", [1], new Dictionary<string, string>());
        if (run is not null)
            await run(context.Target, cancellationToken);
    }
}
