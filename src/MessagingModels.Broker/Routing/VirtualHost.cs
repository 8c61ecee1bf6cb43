using System.Collections.Concurrent;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing.ExchangeTypes;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// A namespace of exchanges, queues, bindings and policies. Publishers look up and route concurrently; commands that change something run one
/// after the other and are stored before they are answered, where what they define is durable.
/// </summary>
internal sealed partial class VirtualHost : IQueueOwner, IAsyncDisposable
{
    private const string ReservedPrefix = "amq.";

    private readonly BrokerContext _context;
    private readonly string _directory;
    private readonly TopicRegistry _topics;
    private readonly TopicPublisher _topicPublisher;
    private readonly ExchangeTypeRegistry _types;
    private readonly DefinitionStore _definitions;
    private readonly PayloadStore _payloads;
    private readonly QueueHost _queueHost;
    private readonly DataDirectory _transientData;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _commands = new(1, 1);
    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Destination> _destinations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TopicDestination> _topicDestinations = new(StringComparer.Ordinal);
    private readonly Dictionary<BindingId, BoundBinding> _bindings = [];
    private readonly ConcurrentQueue<QueueDestination> _goneQueues = new();
    private readonly DestinationNumbers _numbers = new();
    private readonly PolicyTable _policies = new();
    private readonly BackgroundWork _background = new();
    private readonly ConcurrentDictionary<IAsyncDisposable, bool> _clients = new();
    private bool _isClosed;

    private VirtualHost(
        string name, BrokerContext context, string directory, TopicRegistry topics, TopicPublisher topicPublisher, ExchangeTypeRegistry types)
    {
        Name = name;
        _context = context;
        _directory = directory;
        _topics = topics;
        _topicPublisher = topicPublisher;
        _types = types;
        _logger = context.Loggers.CreateLogger<VirtualHost>();
        _definitions = DefinitionStore.Open(context, directory, name);
        _payloads = PayloadStore.Open(context.Data, Path.Combine(directory, "payloads"), context.Durability, context.Time, _logger);
        _transientData = DataDirectory.InMemory();
        DeadLetters = new DeadLetterRouting(this, context.Time, _logger);
        _queueHost = new QueueHost
        {
            VirtualHost = name,
            Data = context.Data,
            Directory = Path.Combine(directory, "queues"),
            Transient = _transientData,
            Durability = context.Durability,
            Payloads = _payloads,
            DeadLetters = DeadLetters,
            Owner = this,
            Time = context.Time,
            Logger = _logger,
            Limits = new QueueLimits { SegmentBytes = context.Options.QueueSegmentBytes },
        };
        Delayed = new DelayedMessages(this, context, _logger, Path.Combine(directory, "delayed-0"));
    }

    public string Name { get; }

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Holds changes off while a message is routed.</summary>
    public RoutingGate Gate { get; } = new();

    /// <summary>The messages that wait in delayed-message exchanges.</summary>
    public DelayedMessages Delayed { get; }

    /// <summary>Where the queues' dead letters are routed.</summary>
    public DeadLetterRouting DeadLetters { get; }

    /// <summary>Where bodies that go to several queues are written once.</summary>
    public PayloadStore Payloads => _payloads;

    /// <summary>Bodies of this size and above are shared by the queues that they go to.</summary>
    public int SharedPayloadThresholdBytes => _context.Options.SharedPayloadThresholdBytes;

    public TimeProvider Time => _context.Time;

    /// <summary>Finds an exchange by name; the default one has none.</summary>
    public Exchange? FindExchange(string name) => _exchanges.TryGetValue(name, out Exchange? exchange) ? exchange : null;

    /// <summary>Finds a queue, or a channel that waits for direct replies, by name.</summary>
    public Destination? FindDestination(string name) => _destinations.TryGetValue(name, out Destination? destination) ? destination : null;

    /// <summary>Finds a queue that is in use, by name.</summary>
    public QueueDestination? FindQueue(string name) => FindDestination(name) is QueueDestination { IsGone: false } queue ? queue : null;

    /// <exception cref="ChannelException">It exists with other values, or a value is not legal.</exception>
    public ValueTask DeclareExchangeAsync(ExchangeDeclaration declaration, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            if (declaration.Name.Length == 0)
                throw ChannelErrors.DefaultExchange();
            if (_types.Find(declaration.Type) is not { } type)
                throw ChannelErrors.InvalidExchangeType(declaration.Type);
            if (FindExchange(declaration.Name) is { } current)
            {
                ArgumentEquivalence.Check(declaration, current.Declaration, Name);
                return;
            }

            if (declaration.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
                throw ChannelErrors.ReservedName("exchange", declaration.Name);
            CheckAlternate(declaration);
            Exchange exchange = Create(Copy(declaration), type);
            if (declaration.Durable)
                await _definitions.AppendAsync(new StoredDefinition { Exchange = StoredExchange.Of(declaration) });
            Add(exchange);
        },
        cancellationToken);

    /// <exception cref="ChannelException">It is in use, or is one of the broker's own.</exception>
    public ValueTask DeleteExchangeAsync(string name, bool ifUnused, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            if (name.Length == 0)
                throw ChannelErrors.DefaultExchange();
            if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
                throw ChannelErrors.SystemExchange(name, Name);
            if (FindExchange(name) is not { } exchange)
                return;
            if (ifUnused && exchange.Outgoing.Count > 0)
                throw ChannelErrors.InUse("exchange", name, Name);
            await RemoveExchangeAsync(exchange);
        },
        cancellationToken);

    /// <exception cref="ChannelException">There is no such exchange.</exception>
    public ExchangeDescription DescribeExchange(string name)
    {
        if (name.Length == 0)
            return new ExchangeDescription(new ExchangeDeclaration("", ExchangeType.Direct), null);
        Exchange exchange = FindExchange(name) ?? throw ChannelErrors.NoExchange(name, Name);
        return new ExchangeDescription(exchange.Declaration, exchange.Policy?.Name);
    }

    public IReadOnlyList<ExchangeDescription> ListExchanges()
        => [DescribeExchange(""), .. _exchanges.Values.Select(exchange => DescribeExchange(exchange.Name))
            .OrderBy(exchange => exchange.Declaration.Name, StringComparer.Ordinal)];

    /// <summary>Notes who uses the virtual host, to be disposed of before it closes.</summary>
    public void AddClient(IAsyncDisposable client) => _clients[client] = true;

    public void RemoveClient(IAsyncDisposable client) => _clients.TryRemove(client, out _);

    /// <summary>Closes the clients, then the queues and the stores.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable client in _clients.Keys)
            await client.DisposeAsync();
        await _commands.WaitAsync();
        try
        {
            if (_isClosed)
                return;
            _isClosed = true;
            _topics.Deleted -= OnTopicDeleted;
        }
        finally
        {
            _commands.Release();
        }

        await _background.WaitAsync();
        await Delayed.DisposeAsync();
        foreach (QueueDestination queue in _destinations.Values.OfType<QueueDestination>())
            await queue.Queue.CloseAsync();
        await _payloads.DisposeAsync();
        await _definitions.DisposeAsync();
        _transientData.Dispose();
    }

    /// <summary>Runs a command after those before it. What it throws as a matter of storage reaches the caller as a channel error.</summary>
    private async ValueTask RunAsync(Func<ValueTask> command, CancellationToken cancellationToken)
    {
        await _commands.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            while (_goneQueues.TryDequeue(out QueueDestination? gone))
                await RemoveQueueAsync(gone);
            await command();
        }
        catch (StorageException error)
        {
            throw new ChannelException(ReplyCode.InternalError, $"INTERNAL_ERROR - {error.Message}", error);
        }
        finally
        {
            _commands.Release();
        }
    }

    private static ExchangeDeclaration Copy(ExchangeDeclaration declaration)
        => declaration with { Arguments = new Dictionary<string, object?>(declaration.Arguments, StringComparer.Ordinal) };

    private static IExchangeRouter CreateRouter(IExchangeType type, ExchangeDeclaration declaration)
    {
        try
        {
            return type.CreateRouter(declaration);
        }
        catch (ArgumentException error)
        {
            throw ChannelErrors.Failed(error.Message, error);
        }
    }

    private Exchange Create(ExchangeDeclaration declaration, IExchangeType type) => new(declaration, CreateRouter(type, declaration))
    {
        Delay = declaration.Type == ExchangeType.DelayedMessage ? new DelayDestination(declaration.Name, _numbers.Take(), Delayed) : null,
    };

    private void CheckAlternate(ExchangeDeclaration declaration)
    {
        if (declaration.Arguments.TryGetValue("alternate-exchange", out object? alternate) && alternate is not string)
        {
            throw ChannelErrors.InvalidType(
                "alternate-exchange", ArgumentEquivalence.NameOfType(alternate), "exchange", declaration.Name, Name);
        }
    }

    private void Add(Exchange exchange)
    {
        ApplyPolicy(exchange);
        _exchanges[exchange.Name] = exchange;
    }

    private async ValueTask RemoveExchangeAsync(Exchange exchange)
    {
        if (exchange.Declaration.Durable)
            await _definitions.AppendAsync(new StoredDefinition { Exchange = StoredExchange.Of(exchange.Declaration), Removed = true });
        exchange.IsLive = false;
        _exchanges.TryRemove(exchange.Name, out _);
        if (exchange.Delay is { } delay)
            _numbers.Return(delay.Index);
        foreach (BoundBinding binding in exchange.Outgoing.Concat(exchange.Incoming).Distinct().ToArray())
            await RemoveBindingAsync(binding);
    }
}
