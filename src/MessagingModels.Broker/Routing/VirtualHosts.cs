using System.Collections.Concurrent;
using System.Globalization;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Routing.ExchangeTypes;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// The virtual hosts of a broker. Thread-safe. Each has a numbered directory below <c>vhosts</c>, whose definitions hold its name; one that is
/// being deleted is renamed first, so that a crash leaves it whole or to be removed.
/// </summary>
internal sealed class VirtualHosts : IAsyncDisposable
{
    private const string DeletedSuffix = "-delete";

    private readonly BrokerContext _context;
    private readonly TopicRegistry _topics;
    private readonly TopicPublisher _topicPublisher;
    private readonly ExchangeTypeRegistry _types;
    private readonly ConcurrentDictionary<string, (VirtualHost Host, string Directory)> _hosts = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _commands = new(1, 1);
    private readonly string _root;
    private int _lastNumber;

    private VirtualHosts(BrokerContext context, TopicRegistry topics, Func<ILogProducer> createProducer)
    {
        _context = context;
        _topics = topics;
        _topicPublisher = new TopicPublisher(createProducer);
        _types = new ExchangeTypeRegistry(context.Options.ExchangeTypes);
        _root = context.PathOf("vhosts");
    }

    /// <summary>Opens the virtual hosts that are stored, and makes the default one where there is none.</summary>
    /// <param name="context">Where they are stored.</param>
    /// <param name="topics">The topics that exchanges may be bound to.</param>
    /// <param name="createProducer">Makes the producer that appends to these; called when the first message goes to a topic.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="StorageException">Definitions cannot be read.</exception>
    public static async ValueTask<VirtualHosts> OpenAsync(
        BrokerContext context, TopicRegistry topics, Func<ILogProducer> createProducer, CancellationToken cancellationToken)
    {
        VirtualHosts hosts = new(context, topics, createProducer);
        context.FileSystem.CreateDirectory(hosts._root);
        foreach (string name in context.FileSystem.EnumerateDirectories(hosts._root).Order(StringComparer.Ordinal))
            await hosts.RestoreAsync(name, cancellationToken);
        await hosts.CreateAsync(EmbeddedBroker.DefaultVirtualHost, cancellationToken);
        return hosts;
    }

    /// <exception cref="ChannelException">402: there is no such virtual host.</exception>
    public VirtualHost Get(string name)
        => _hosts.TryGetValue(name, out (VirtualHost Host, string Directory) entry)
            ? entry.Host
            : throw new ChannelException(ReplyCode.InvalidPath, $"INVALID_PATH - no virtual host '{name}'; create it first");

    public IReadOnlyList<string> List() => [.. _hosts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Those there are now, in the order of their names.</summary>
    public IEnumerable<VirtualHost> All()
        => _hosts.Values.Select(static entry => entry.Host).OrderBy(static host => host.Name, StringComparer.Ordinal);

    /// <summary>Makes a virtual host; no effect where it exists.</summary>
    public async ValueTask CreateAsync(string name, CancellationToken cancellationToken)
    {
        await _commands.WaitAsync(cancellationToken);
        try
        {
            if (_hosts.ContainsKey(name))
                return;
            string directory = Path.Combine(_root, (_lastNumber + 1).ToString("D4", CultureInfo.InvariantCulture));
            VirtualHost host = await VirtualHost.OpenAsync(name, _context, directory, _topics, _topicPublisher, _types, cancellationToken);
            _lastNumber++;
            _hosts[name] = (host, directory);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Deletes a virtual host with everything in it; none of that name is no error.</summary>
    /// <exception cref="ArgumentException">It is the default one.</exception>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (name == EmbeddedBroker.DefaultVirtualHost)
            throw new ArgumentException($"The virtual host '{name}' cannot be deleted; delete its exchanges and queues instead.", nameof(name));
        await _commands.WaitAsync(cancellationToken);
        try
        {
            if (!_hosts.TryRemove(name, out (VirtualHost Host, string Directory) entry))
                return;
            await entry.Host.DisposeAsync();
            _context.FileSystem.RenameDirectory(entry.Directory, entry.Directory + DeletedSuffix);
            if (_context.Durability == Durability.Fsync)
                _context.FileSystem.FlushDirectory(_root);
            _context.FileSystem.DeleteDirectory(entry.Directory + DeletedSuffix);
        }
        finally
        {
            _commands.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((VirtualHost host, string _) in _hosts.Values)
            await host.DisposeAsync();
        await _topicPublisher.DisposeAsync();
    }

    private async ValueTask RestoreAsync(string directoryName, CancellationToken cancellationToken)
    {
        string directory = Path.Combine(_root, directoryName);
        bool isNumbered = int.TryParse(directoryName, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (!isNumbered || DefinitionStore.ReadName(_context.FileSystem, directory) is not { } name)
        {
            _context.FileSystem.DeleteDirectory(directory);
            return;
        }

        _lastNumber = Math.Max(_lastNumber, number);
        VirtualHost host = await VirtualHost.OpenAsync(name, _context, directory, _topics, _topicPublisher, _types, cancellationToken);
        _hosts[name] = (host, directory);
    }
}
