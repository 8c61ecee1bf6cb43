using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Broker;

/// <summary>
/// Both messaging models in this process, over one store: topics by <see cref="Log"/>, exchanges and queues by <see cref="Exchanges"/>.
/// Safe for concurrent use.
/// </summary>
/// <example><code>await using var broker = await EmbeddedBroker.StartAsync();</code></example>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    /// <summary>The name of the virtual host that always exists.</summary>
    public const string DefaultVirtualHost = "/";

    private readonly BrokerContext _context;

    private EmbeddedBroker(BrokerContext context) => _context = context;

    /// <summary>The log model.</summary>
    public ILogBroker Log => throw new NotSupportedException();

    /// <summary>The exchange model, in the default virtual host.</summary>
    public IExchangeBroker Exchanges => throw new NotSupportedException();

    /// <summary>The failure that broke the store, or null while it is sound.</summary>
    public BrokenStoreException? StoreFailure => _context.Data.Health.Failure;

    /// <summary>Opens the store, recovers what is in it and takes up work.</summary>
    /// <param name="options">Settings, or null for a broker in memory.</param>
    /// <param name="loggers">Where it logs, or null for nowhere.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The broker, ready for use.</returns>
    /// <exception cref="ArgumentException">A setting is not legal; the message names each.</exception>
    /// <exception cref="DataDirectoryInUseException">Another broker has the data directory open.</exception>
    /// <exception cref="StorageException">The data directory cannot be read.</exception>
    public static Task<EmbeddedBroker> StartAsync(
        EmbeddedBrokerOptions? options = null, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
        => StartAsync(DiskFileSystem.Instance, options ?? new EmbeddedBrokerOptions(), loggers, cancellationToken);

    /// <summary>As above, with the data directory in another file system than the disk: for tests that inject faults.</summary>
    internal static async Task<EmbeddedBroker> StartAsync(
        IFileSystem fileSystem, EmbeddedBrokerOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        if (options.Validate() is { Count: > 0 } failures)
            throw new ArgumentException(string.Join(' ', failures), nameof(options));
        DataDirectory data = options.DataDirectory is { } path ? DataDirectory.Open(fileSystem, Path.GetFullPath(path)) : DataDirectory.InMemory();
        BrokerContext context = new() { Data = data, Options = options, Loggers = loggers ?? NullLoggerFactory.Instance };
        EmbeddedBroker broker = new(context);
        try
        {
            await broker.OpenAsync(cancellationToken).ConfigureAwait(false);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes consumers and channels, writes the mark of a clean end and unlocks the data directory.</summary>
    /// <returns>A task that completes when all is closed.</returns>
    public ValueTask DisposeAsync()
    {
        _context.Data.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task OpenAsync(CancellationToken cancellationToken)
    {
        _context.Data.Health.ThrowIfBroken();
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }
}
