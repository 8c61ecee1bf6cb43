using MessagingModels.Comparison.Experiments;

namespace MessagingModels.Comparison.Targets;

/// <summary>A publisher or consumer that connects again and tries again what failed, as an application does.</summary>
internal sealed class SurvivingClient(TargetSession session, FaultSetting setting, Action<int> onCommitted) : IAsyncDisposable
{
    private IFaultClient? _client;

    /// <summary>Sends a message until the publisher counts it as sent.</summary>
    public Task SendAsync(int id, TimeSpan retryDelay, CancellationToken cancellationToken)
        => RepeatAsync(client => client.SendAsync(id, cancellationToken), retryDelay, cancellationToken);

    /// <summary>Consumes up to the last message.</summary>
    public Task ConsumeAsync(Effects effects, TimeSpan retryDelay, CancellationToken cancellationToken)
        => RepeatAsync(client => client.ConsumeAsync(CrashPoint.None, 0, effects, cancellationToken), retryDelay, cancellationToken);

    /// <summary>Adds the effects that are kept in the broker itself.</summary>
    public Task CollectAsync(Effects effects, TimeSpan retryDelay, CancellationToken cancellationToken)
        => RepeatAsync(client => client.CollectAsync(effects, cancellationToken), retryDelay, cancellationToken);

    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task RepeatAsync(Func<IFaultClient, Task> action, TimeSpan retryDelay, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        while (true)
        {
            try
            {
                _client ??= await ConnectAsync(cancellationToken).ConfigureAwait(false);
                await action(_client).ConfigureAwait(false);
                return;
            }
            catch (MessagingException exception)
            {
                failure = exception;
                await DropAsync().ConfigureAwait(false);
                await Task.Delay(retryDelay, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (failure is not null)
            {
                // The time limit of the run ends this where the broker does not come back; what failed last says why.
                throw new InvalidOperationException($"It could not go on in time; the last failure was: {failure.Message}", failure);
            }
        }
    }

    private async Task<IFaultClient> ConnectAsync(CancellationToken cancellationToken)
    {
        IFaultClient client = await setting.ConnectAsync(session, cancellationToken).ConfigureAwait(false);
        if (client is TransactionFaultClient transactions)
            transactions.OnCommitted = onCommitted;
        return client;
    }

    private async Task DropAsync()
    {
        if (_client is not { } client)
            return;
        _client = null;
        try
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
        catch (MessagingException)
        {
            // What failed once may fail again while it is closed.
        }
    }
}
