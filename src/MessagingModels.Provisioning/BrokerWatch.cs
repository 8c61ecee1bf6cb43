namespace MessagingModels.Provisioning;

/// <summary>Looks after a broker while others work on it, so that they need not wait for one that will not answer any more.</summary>
internal sealed class BrokerWatch(string system, IReadOnlyList<BrokerNode> nodes, Func<CancellationToken, Task>? probeAsync)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A broker under load answers late; one that is gone refuses at once.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>As many failures in a row make a loss: a broker may be restarted by whoever runs it.</summary>
    private const int Failures = 3;

    /// <inheritdoc cref="ProvisionedBroker.WatchAsync"/>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        int failures = 0;
        while (true)
        {
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
            if (nodes.FirstOrDefault(static node => node.HasDied) is { } dead)
                return $"node {dead.Id} of {system} at {dead.Address} died; its process was {dead.ProcessId}.";
            string? failure = await ProbeAsync(cancellationToken).ConfigureAwait(false);
            failures = failure is null ? 0 : failures + 1;
            if (failures == Failures)
                return $"{system} does not answer any more: {failure!.TrimEnd('.')}.";
        }
    }

    /// <returns>Why it does not answer; null where it does, or cannot be asked.</returns>
    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (probeAsync is null)
            return null;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            await probeAsync(limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (BrokerUnavailableException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {AnswerLimit.TotalSeconds:0} s";
        }
    }
}
