using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>Running brokers of both models.</summary>
/// <param name="Owner">Stops them.</param>
/// <param name="Log">The log model.</param>
/// <param name="Exchanges">The exchange model.</param>
/// <param name="ResendAsync">Has a client send a record twice because the first response was lost.</param>
internal sealed record RunningBrokers(
    IAsyncDisposable Owner, ILogBroker Log, IExchangeBroker Exchanges, Func<ProducerRecord, ProducerOptions, CancellationToken, Task> ResendAsync);

/// <summary>Brokers of both models, opened for one measurement. Disposal closes them and removes their data.</summary>
internal sealed class TargetSession(Durability durability, string? dataDirectory, Func<CancellationToken, Task<RunningBrokers>> start) : IAsyncDisposable
{
    private RunningBrokers? _running;

    public Durability Durability => durability;

    /// <summary>Where the data lies; null for memory, and for targets that keep it elsewhere.</summary>
    public string? DataDirectory => dataDirectory;

    public ILogBroker Log => Running.Log;

    public IExchangeBroker Exchanges => Running.Exchanges;

    private RunningBrokers Running => _running ?? throw new InvalidOperationException("The brokers of this session are closed.");

    public async Task OpenAsync(CancellationToken cancellationToken) => _running = await start(cancellationToken).ConfigureAwait(false);

    /// <summary>Stops the brokers in good order and starts them again on what they kept.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the brokers; <see cref="OpenAsync"/> starts them again.</summary>
    public async Task CloseAsync()
    {
        if (_running is { } running)
        {
            _running = null;
            await running.Owner.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Produces a record to a partition; the first response is lost and the client sends the same batch again, numbered as before where the options say idempotent.
    /// </summary>
    public Task ResendAsync(ProducerRecord record, ProducerOptions options, CancellationToken cancellationToken)
        => Running.ResendAsync(record, options, cancellationToken);

    /// <summary>The size of all files of the data directory.</summary>
    public long ReadStoredBytes() => dataDirectory is null
        ? 0
        : new DirectoryInfo(dataDirectory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        if (dataDirectory is not null)
            WorkDirectory.Remove(dataDirectory);
    }
}
