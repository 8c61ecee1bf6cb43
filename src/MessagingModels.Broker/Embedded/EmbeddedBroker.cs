using MessagingModels.Broker.Embedded.Consumers;
using MessagingModels.Broker.Embedded.Exchanges;
using MessagingModels.Broker.Embedded.Log;
using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Groups.Assignors;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Routing;
using MessagingModels.Broker.Transactions;
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

    /// <summary>What it calls itself in <see cref="ILogBroker.Capabilities"/> and <see cref="IExchangeBroker.Capabilities"/>.</summary>
    internal const string SystemName = "The embedded broker";

    private readonly BrokerContext _context;
    private readonly Stack<IAsyncDisposable> _rooms = new();
    private VirtualHosts? _virtualHosts;

    private EmbeddedBroker(BrokerContext context) => _context = context;

    /// <summary>The log model.</summary>
    public ILogBroker Log { get; private set; } = null!;

    /// <summary>The exchange model, in the default virtual host.</summary>
    public IExchangeBroker Exchanges { get; private set; } = null!;

    /// <summary>The topics, for clients that hand over record batches.</summary>
    internal TopicRegistry Topics { get; private set; } = null!;

    /// <summary>The group coordinator.</summary>
    internal GroupCoordinator Groups { get; private set; } = null!;

    /// <summary>The transaction coordinator, for clients that number their batches.</summary>
    internal TransactionCoordinator Transactions { get; private set; } = null!;

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

    /// <summary>Gives access to a virtual host; it is created where it does not exist.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exchange model in that virtual host, as one connection to it.</returns>
    public async ValueTask<IExchangeBroker> OpenVirtualHostAsync(string name, CancellationToken cancellationToken = default)
    {
        await _virtualHosts!.CreateAsync(name, cancellationToken).ConfigureAwait(false);
        return new EmbeddedExchangeBroker(_virtualHosts.Get(name));
    }

    /// <summary>Deletes a virtual host with all its exchanges, queues and messages.</summary>
    /// <param name="name">Its name; not the default one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is gone.</returns>
    public ValueTask DeleteVirtualHostAsync(string name, CancellationToken cancellationToken = default)
        => _virtualHosts!.DeleteAsync(name, cancellationToken);

    /// <summary>Lists the queues of every virtual host.</summary>
    internal IEnumerable<(string VirtualHost, QueueDescription Queue)> ListAllQueues()
        => _virtualHosts!.All().SelectMany(static host => host.ListQueues(), static (host, queue) => (host.Name, queue));

    /// <summary>Lists the virtual hosts.</summary>
    /// <returns>Their names, in ordinal order.</returns>
    public IReadOnlyList<string> ListVirtualHosts() => _virtualHosts!.List();

    /// <summary>Closes consumers and channels, writes the mark of a clean end and unlocks the data directory.</summary>
    /// <returns>A task that completes when all is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        while (_rooms.TryPop(out IAsyncDisposable? room))
            await room.DisposeAsync().ConfigureAwait(false);
        _context.Data.Dispose();
    }

    /// <summary>Opens the rooms in the order in which they need each other; they are closed in the reverse.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        TopicRegistry topics = Keep(TopicRegistry.Open(_context));
        Keep(new PartitionUpkeep(topics, _context));
        GroupCoordinator groups = Keep(GroupCoordinator.Open(_context, topics));
        TransactionCoordinator transactions = Keep(await TransactionWiring.OpenAsync(_context, topics, groups).ConfigureAwait(false));
        Topics = topics;
        Groups = groups;
        Transactions = transactions;
        AssignorRegistry assignors = new(_context.Options.GroupAssignors);
        Log = new EmbeddedLogBroker(
            _context, topics, groups, transactions, options => new EmbeddedConsumer(options, topics, groups, assignors, _context.Time));
        _virtualHosts = Keep(await VirtualHosts.OpenAsync(
            _context, topics, () => Log.CreateProducer(new ProducerOptions { ClientId = "mm-exchange" }), cancellationToken).ConfigureAwait(false));
        Exchanges = Keep(new EmbeddedExchangeBroker(_virtualHosts.Get(DefaultVirtualHost)));
    }

    private T Keep<T>(T room)
        where T : IAsyncDisposable
    {
        _rooms.Push(room);
        return room;
    }
}
