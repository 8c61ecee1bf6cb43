using System.Diagnostics;

namespace MessagingModels.Provisioning.Processes;

/// <summary>Brings up all nodes of a broker as local processes, or none.</summary>
internal static class LocalStart
{
    private const int Attempts = 3;

    /// <param name="system">For messages and the directory's name.</param>
    /// <param name="options">Work directory and time-out.</param>
    /// <param name="prepareAsync">Picks ports, writes configuration; is asked again with a new group when a port was taken in between.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left running.</param>
    /// <returns>The processes, and how long they took from their start until all served clients.</returns>
    /// <exception cref="BrokerUnavailableException">A node did not start; says where its logs are kept.</exception>
    public static async Task<(ProcessGroup Group, IReadOnlyList<BrokerNode> Nodes, TimeSpan StartTime)> RunAsync(
        string system,
        ProvisioningOptions options,
        Func<ProcessGroup, CancellationToken, Task<IReadOnlyList<NodePlan>>> prepareAsync,
        CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            ProcessGroup group = ProcessGroup.Create(system, options.WorkDirectory);
            try
            {
                IReadOnlyList<NodePlan> plans = await prepareAsync(group, cancellationToken).ConfigureAwait(false);
                long start = Stopwatch.GetTimestamp();
                await StartAllAsync(group, plans, cancellationToken).ConfigureAwait(false);
                TimeSpan time = Stopwatch.GetElapsedTime(start);
                return (group, [.. plans.Select(plan => new BrokerNode(group, plan))], time);
            }
            catch (BrokerUnavailableException error) when (error.PortTaken && attempt < Attempts)
            {
                await group.DisposeAsync().ConfigureAwait(false);
            }
            catch (BrokerUnavailableException error)
            {
                string logs = KeepLogs(group);
                await group.DisposeAsync().ConfigureAwait(false);
                throw new BrokerUnavailableException($"{error.Message.TrimEnd('.')}. {logs}.", error);
            }
            catch
            {
                await group.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>All at once, since the nodes of a cluster wait for each other; the first failure ends the waiting for the others.</summary>
    private static async Task StartAllAsync(ProcessGroup group, IReadOnlyList<NodePlan> plans, CancellationToken cancellationToken)
    {
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> starts = [.. plans.Select(plan => plan.StartAsync(group, failed.Token))];
        Exception? first = null;
        while (starts.Count > 0)
        {
            Task ended = await Task.WhenAny(starts).ConfigureAwait(false);
            starts.Remove(ended);
            try
            {
                await ended.ConfigureAwait(false);
            }
            catch (Exception error) when (error is BrokerUnavailableException or OperationCanceledException)
            {
                first ??= error;
                await failed.CancelAsync().ConfigureAwait(false);
            }
        }

        if (first is not null)
            throw first;
    }

    /// <summary>Copies the logs out of the group's directory, which goes with it. Never in the way of ending the processes: where it fails, it says so.</summary>
    /// <returns>Where they are, as a sentence without its full stop.</returns>
    private static string KeepLogs(ProcessGroup group)
    {
        try
        {
            DirectoryInfo kept = Directory.CreateDirectory(group.Directory + "-logs");
            foreach (string file in Directory.EnumerateFiles(group.LogDirectory))
                File.Copy(file, Path.Combine(kept.FullName, Path.GetFileName(file)), overwrite: true);
            return $"Its logs are kept in {kept.FullName}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"Its logs are not kept: {error.Message.TrimEnd('.')}";
        }
    }
}
