using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>Brokers of both models, opened for one measurement. Disposal closes them and removes their data.</summary>
internal sealed class TargetSession(
    Durability durability, string? dataDirectory,
    Func<CancellationToken, Task<(IAsyncDisposable Owner, ILogBroker Log, IExchangeBroker Exchanges)>> start) : IAsyncDisposable
{
    private IAsyncDisposable? _owner;

    public Durability Durability => durability;

    /// <summary>Where the data lies; null for memory, and for targets that keep it elsewhere.</summary>
    public string? DataDirectory => dataDirectory;

    public ILogBroker Log { get; private set; } = null!;

    public IExchangeBroker Exchanges { get; private set; } = null!;

    public async Task OpenAsync(CancellationToken cancellationToken)
        => (_owner, Log, Exchanges) = await start(cancellationToken).ConfigureAwait(false);

    /// <summary>Stops the brokers in good order and starts them again on what they kept.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the brokers; <see cref="OpenAsync"/> starts them again.</summary>
    public async Task CloseAsync()
    {
        if (_owner is { } owner)
        {
            _owner = null;
            await owner.DisposeAsync().ConfigureAwait(false);
        }
    }

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
