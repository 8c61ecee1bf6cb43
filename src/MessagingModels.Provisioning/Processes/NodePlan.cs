using System.Diagnostics;

namespace MessagingModels.Provisioning.Processes;

/// <summary>How one node of a broker is started, each time anew, and how it is seen that it serves clients.</summary>
internal sealed record NodePlan(string System, int Id, string Address, ShellCommand Command)
{
    /// <summary>The folder of its data below that of the node, which has the node's name in the group's directory.</summary>
    public const string DataFolder = "data";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public string Name => $"node{Id}";

    /// <summary>What the broker calls it.</summary>
    public required string NameInCluster { get; init; }

    /// <summary>Ports of 127.0.0.1 that it listens on.</summary>
    public required IReadOnlyList<int> Ports { get; init; }

    /// <summary>What its log says when it has started.</summary>
    public required string ReadyText { get; init; }

    /// <summary>Completes when a client was answered; throws <see cref="BrokerUnavailableException"/> while none is.</summary>
    public required Func<CancellationToken, Task> ProbeAsync { get; init; }

    public required TimeSpan StartTimeout { get; init; }

    /// <summary>Starts the process and completes when it serves clients.</summary>
    /// <exception cref="BrokerUnavailableException">A port is taken, it died, or it took too long. The process is gone then.</exception>
    public async Task StartAsync(ProcessGroup group, CancellationToken cancellationToken)
    {
        if (Ports.FirstOrDefault(static port => !LoopbackPorts.IsFree(port)) is var taken and not 0)
        {
            throw new BrokerUnavailableException(
                $"{System} node {Id} cannot start: port {taken} of 127.0.0.1 is in use by another process; end that one first.")
            { PortTaken = true };
        }

        LogTail log = new(group.LogOf(Name));
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            await group.StartAsync(Name, Command, timeout.Token).ConfigureAwait(false);
            await WaitUntilReadyAsync(group, log, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await group.KillAsync(Name).ConfigureAwait(false);
            throw new BrokerUnavailableException(
                $"{System} node {Id} did not serve clients within {StartTimeout.TotalSeconds:0.#} s of its start; raise StartTimeout. {log.Excerpt()}");
        }
        catch (OperationCanceledException)
        {
            await group.KillAsync(Name).ConfigureAwait(false);
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(ProcessGroup group, LogTail log, CancellationToken cancellationToken)
    {
        Task<int> exit = group.ExitOf(Name);
        bool ready = false;
        while (true)
        {
            if (exit.IsCompleted)
                throw Died(log, await exit.ConfigureAwait(false));
            ready = ready || log.Contains(ReadyText);
            if (ready && await AnswersAsync(cancellationToken).ConfigureAwait(false))
                return;
            await Task.WhenAny(exit, Task.Delay(PollInterval, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private BrokerUnavailableException Died(LogTail log, int code)
    {
        string message = $"{System} node {Id} ended with code {code} before it served clients. {log.Excerpt()}";
        return new BrokerUnavailableException(message) { PortTaken = log.Contains("Address already in use") || log.Contains("eaddrinuse") };
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ProbeAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BrokerUnavailableException)
        {
            return false;
        }
    }
}
