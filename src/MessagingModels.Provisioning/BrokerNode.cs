using System.Diagnostics;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning;

/// <summary>What a broker process has used since it started.</summary>
/// <param name="CpuTime">Processor time in user and kernel mode, all cores added up.</param>
/// <param name="ResidentBytes">Its part of the machine's memory now, in bytes.</param>
public readonly record struct ProcessUsage(TimeSpan CpuTime, long ResidentBytes);

/// <summary>One broker process that this run started: can be killed, stopped and started again on the same data and port.</summary>
public sealed class BrokerNode
{
    private readonly ProcessGroup _group;
    private readonly NodePlan _plan;

    internal BrokerNode(ProcessGroup group, NodePlan plan)
    {
        _group = group;
        _plan = plan;
    }

    /// <summary>1 for the first node.</summary>
    public int Id => _plan.Id;

    /// <summary>What the broker itself calls the node: Kafka's <c>node.id</c>, RabbitMQ's node name.</summary>
    public string Name => _plan.NameInCluster;

    /// <summary>Where its data lies as long as it is not disposed of.</summary>
    public string DataDirectory => Path.Combine(_group.Directory, _plan.Name, NodePlan.DataFolder);

    /// <summary>Where clients reach it: HOST:PORT.</summary>
    public string Address => _plan.Address;

    /// <summary>The process of the broker itself (the Java or Erlang machine); of its last life where it does not run.</summary>
    public int ProcessId => _group.ProcessIdOf(_plan.Name);

    /// <summary>False after it was killed or stopped, or died.</summary>
    public bool IsRunning => _group.IsRunning(_plan.Name);

    /// <summary>True where it ended and this run neither killed nor stopped it.</summary>
    public bool HasDied => _group.HasDied(_plan.Name);

    /// <summary>Ends the process at once, as a crash would (SIGKILL); completes when it is gone. Data and port stay for <see cref="StartAsync"/>.</summary>
    public Task KillAsync() => _group.KillAsync(_plan.Name);

    /// <summary>Asks the process to shut down (SIGTERM), ends it after 20 seconds if it did not; completes when it is gone. Data and port stay.</summary>
    public Task StopAsync() => _group.StopAsync(_plan.Name);

    /// <summary>Starts it, again on the same data and port; completes when it serves clients.</summary>
    /// <exception cref="BrokerUnavailableException">Its port is taken, it died, or it did not serve clients within the start time-out.</exception>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
        => IsRunning
            ? throw new InvalidOperationException($"{_plan.System} node {Id} runs already, as process {ProcessId}.")
            : _plan.StartAsync(_group, cancellationToken);

    /// <summary>Processor time and memory of the process; both begin anew when it was started again.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public ProcessUsage ReadUsage()
    {
        if (!IsRunning)
            throw new InvalidOperationException($"{_plan.System} node {Id} does not run.");
        try
        {
            using Process process = Process.GetProcessById(ProcessId);
            return new ProcessUsage(process.TotalProcessorTime, process.WorkingSet64);
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"{_plan.System} node {Id} has just ended.", error);
        }
    }
}
