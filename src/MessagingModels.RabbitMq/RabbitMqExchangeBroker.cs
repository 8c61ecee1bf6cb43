using System.Diagnostics;
using MessagingModels.RabbitMq.Channels;
using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Management;
using MessagingModels.RabbitMq.Mapping;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq;

/// <summary>
/// The exchange model on a RabbitMQ cluster, over one connection. When the connection is lost it is made again
/// (<see cref="RabbitMqOptions.AutomaticRecovery"/>); meanwhile every call fails with a <see cref="ConnectionException"/>. Back come: channels with
/// their prefetch, consumers under their names (a stream's behind what was read), and the exclusive, auto-delete and transient queues and
/// exchanges that were declared here, with their bindings, but not the messages of exclusive queues; a queue whose name RabbitMQ chose gets
/// another one. Durable ones are not declared again, so what was deleted meanwhile stays deleted. Not back come: publishes that were not
/// confirmed, which fail and may have arrived all the same; unacknowledged deliveries, which come again; an open transaction.
/// </summary>
public sealed partial class RabbitMqExchangeBroker : IExchangeBroker
{
    private const string ExchangeName = "exchange name";
    private const string QueueName = "queue name";

    private readonly IConnection _connection;
    private readonly ConnectionSettings _settings;
    private readonly RabbitMqOptions _options;
    private readonly ILogger _logger;
    private readonly AdministrationChannels _administration;
    private readonly ManagementClient? _management;
    private readonly TransientNames _transient;
    private readonly ChannelContext _context;
    private readonly MessagingSystem _system = new(MessagingTags.RabbitMqSystem);
    private readonly Lock _lock = new();
    private readonly HashSet<RabbitMqChannel> _channels = [];
    private volatile string? _blocked;
    private bool _isDisposed;

    private RabbitMqExchangeBroker(
        IConnection connection, ConnectionSettings settings, RabbitMqOptions options, ILogger logger, AdministrationChannels administration,
        ManagementClient? management, TransientNames transient, Capabilities<ExchangeFeature> capabilities)
    {
        _connection = connection;
        _settings = settings;
        _options = options;
        _logger = logger;
        _administration = administration;
        _management = management;
        _transient = transient;
        Capabilities = capabilities;
        _context = new ChannelContext(options, logger)
        {
            Capabilities = capabilities,
            Types = new QueueTypes(settings.VirtualHost, management, logger),
        };
        NoteServer();
        WatchConnection();
    }

    /// <inheritdoc />
    public string VirtualHost => _settings.VirtualHost;

    /// <inheritdoc />
    public Capabilities<ExchangeFeature> Capabilities { get; }

    /// <summary>Connects to RabbitMQ.</summary>
    /// <param name="options">Where it is, and how to use it.</param>
    /// <param name="loggers">Where connection losses and the like are logged; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The broker; disposing it waits for outstanding confirms and closes the connection.</returns>
    /// <exception cref="ArgumentException">An option is not legal.</exception>
    /// <exception cref="ConnectionException">No node can be reached; 403: the user or the password is wrong; 530: there is no such virtual host, or the user may not open it.</exception>
    public static async Task<RabbitMqExchangeBroker> ConnectAsync(
        RabbitMqOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } failures)
            throw new ArgumentException(string.Join(" ", failures), nameof(options));
        ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<RabbitMqExchangeBroker>();
        TransientNames transient = new(logger);
        ConnectionSettings settings = new(options, transient.Filter, transient.RecoveryErrors);
        IConnection connection = await settings.ConnectAsync(cancellationToken).ConfigureAwait(false);
        AdministrationChannels administration = new(connection);
        ManagementClient? management = settings.CreateManagementClient();
        try
        {
            Capabilities<ExchangeFeature> capabilities = await FindCapabilitiesAsync(
                connection, settings, administration, management, cancellationToken).ConfigureAwait(false);
            RabbitMqLog.Connected(logger, capabilities.System, settings.Address, settings.VirtualHost, settings.User);
            return new RabbitMqExchangeBroker(connection, settings, options, logger, administration, management, transient, capabilities);
        }
        catch
        {
            management?.Dispose();
            await settings.CloseAsync(connection, administration, options.CloseTimeout).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DeclareExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange);
        ThrowIfDisposed();
        ExchangeFeature? feature = ServerFeatures.OfExchangeType(exchange.Type);
        if (feature is { } needed)
            Capabilities.Demand(needed);
        if (exchange.Internal)
        {
            await DeclareInternalExchangeAsync(exchange, cancellationToken).ConfigureAwait(false);
            return;
        }

        Dictionary<string, object?> arguments = FieldTableMapping.ToClient(exchange.Arguments);
        try
        {
            await _administration.RunAsync(
                channel => channel.ExchangeDeclareAsync(exchange.Name, exchange.Type, exchange.Durable, exchange.AutoDelete, arguments),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException refused) when (feature is { } unknown && ServerFeatures.FromRefusal(Capabilities.System, unknown, refused) is { } missing)
        {
            throw missing;
        }

        _transient.NoteExchange(exchange.Name, !exchange.Durable || exchange.AutoDelete);
    }

    /// <inheritdoc />
    public async ValueTask DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange, ExchangeName);
        ThrowIfDisposed();
        await _administration.RunAsync(channel => channel.ExchangeDeleteAsync(exchange, ifUnused), cancellationToken).ConfigureAwait(false);
        _transient.NoteExchange(exchange, isTransient: false);
    }

    /// <inheritdoc />
    public async ValueTask<QueueDeclared> DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue);
        ThrowIfDisposed();
        Dictionary<string, object?> arguments = FieldTableMapping.ToClient(queue.Arguments);
        object? type = arguments.GetValueOrDefault("x-queue-type");
        if (type is QueueType.Quorum)
            Capabilities.Demand(ExchangeFeature.QuorumQueues);
        if (type is QueueType.Stream)
            Capabilities.Demand(ExchangeFeature.Streams);
        if (arguments.ContainsKey("x-delayed-retry-type"))
            Capabilities.Demand(ExchangeFeature.DelayedRetry);
        QueueDeclareOk declared = await RunOnQueueAsync(
            queue.Name, channel => channel.QueueDeclareAsync(queue.Name, queue.Durable, queue.Exclusive, queue.AutoDelete, arguments),
            cancellationToken).ConfigureAwait(false);
        bool isTransient = !queue.Durable || queue.AutoDelete || queue.Exclusive;
        _transient.NoteQueue(declared.QueueName, isTransient);
        // Where nobody says the type the virtual host or the node does, but only classic queues are transient.
        _context.Types.NoteDeclared(declared.QueueName, type as string ?? (isTransient ? QueueType.Classic : null));
        return new QueueDeclared(declared.QueueName, declared.MessageCount, (int)declared.ConsumerCount);
    }

    /// <inheritdoc />
    public async ValueTask<long> DeleteQueueAsync(
        string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        ThrowIfDisposed();
        string name = _context.CurrentName(queue);
        long messages = await _administration.RunAsync(
            channel => channel.QueueDeleteAsync(name, ifUnused, ifEmpty), cancellationToken).ConfigureAwait(false);
        _transient.NoteQueue(name, isTransient: false);
        _context.Types.Forget(name);
        return messages;
    }

    /// <inheritdoc />
    public async ValueTask<long> PurgeQueueAsync(string queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        ThrowIfDisposed();
        string name = _context.CurrentName(queue);
        await _context.Types.RefuseStreamAsync(name, "queue.purge not supported by stream queues", cancellationToken).ConfigureAwait(false);
        return await RunOnQueueAsync(name, channel => channel.QueuePurgeAsync(name), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask BindAsync(Binding binding, CancellationToken cancellationToken = default)
    {
        (string destination, Dictionary<string, object?> arguments) = Prepare(binding);
        return _administration.RunAsync(
            channel => binding.Target is BindingTarget.Queue
                ? channel.QueueBindAsync(destination, binding.Source, binding.RoutingKey, arguments)
                : channel.ExchangeBindAsync(destination, binding.Source, binding.RoutingKey, arguments),
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask UnbindAsync(Binding binding, CancellationToken cancellationToken = default)
    {
        (string destination, Dictionary<string, object?> arguments) = Prepare(binding);
        return _administration.RunAsync(
            channel => binding.Target is BindingTarget.Queue
                ? channel.QueueUnbindAsync(destination, binding.Source, binding.RoutingKey, arguments)
                : channel.ExchangeUnbindAsync(destination, binding.Source, binding.RoutingKey, arguments),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IExchangeChannel> OpenChannelAsync(ChannelOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ChannelOptions();
        if (options.MaxUnconfirmed < 1)
            throw new ArgumentException($"MaxUnconfirmed ({options.MaxUnconfirmed}) must be at least 1.", nameof(options));
        if (options.Prefetch > 0)
            Capabilities.Demand(ExchangeFeature.ChannelPrefetch);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        Task<RabbitMqChannel> opening = OpenAsync(options);
        try
        {
            return new ObservedChannel(await opening.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false), _system);
        }
        catch (OperationCanceledException) when (!opening.IsFaulted)
        {
            // It is opened to its end all the same: one that nobody closes would stay for the connection's life.
            _ = opening.ContinueWith(
                static opened => opened.IsCompletedSuccessfully ? opened.Result.DisposeAsync().AsTask() : Task.CompletedTask, TaskScheduler.Default).Unwrap();
            throw;
        }
    }

    /// <summary>
    /// Waits for outstanding confirms (<see cref="RabbitMqOptions.DrainTimeout"/>), then closes channels and connection; no longer in all than
    /// <see cref="RabbitMqOptions.CloseTimeout"/>, after which the socket is closed.
    /// </summary>
    /// <returns>A task that completes when the connection is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        RabbitMqChannel[] channels;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            channels = [.. _channels];
        }

        await Task.WhenAll(channels.Select(static channel => channel.DisposeAsync().AsTask())).ConfigureAwait(false);
        _context.BeginClose();
        if (!await _settings.CloseAsync(_connection, _administration, _context.CloseLimit(begin)).ConfigureAwait(false))
            _context.NoteUnanswered("connection");
        _management?.Dispose();
    }

    private static async Task<Capabilities<ExchangeFeature>> FindCapabilitiesAsync(
        IConnection connection, ConnectionSettings settings, AdministrationChannels administration, ManagementClient? management,
        CancellationToken cancellationToken)
    {
        try
        {
            // The client says that it is connected before the server has accepted the virtual host: the first channel shows it.
            await administration.RunAsync(static _ => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException error)
        {
            throw ClientErrors.FromConnect(error, settings.Target);
        }

        return await ServerFeatures.FindAsync(connection, management, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<T> RunOnQueueAsync<T>(string queue, Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        try
        {
            return await _administration.RunAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException error)
        {
            _context.Types.NoteError(queue, error);
            throw;
        }
    }

    private (string Destination, Dictionary<string, object?> Arguments) Prepare(Binding binding)
    {
        ShortText.Check(binding);
        ThrowIfDisposed();
        if (binding.Target is BindingTarget.Topic)
            Capabilities.Demand(ExchangeFeature.TopicBindings);
        return (_context.CurrentName(binding.Destination), FieldTableMapping.ToClient(binding.Arguments));
    }

    private async Task<RabbitMqChannel> OpenAsync(ChannelOptions options)
    {
        RabbitMqChannel channel = new(await OpenClientChannelAsync(options).ConfigureAwait(false), options, _context, VirtualHost, Forget);
        lock (_lock)
            _channels.Add(channel);
        return channel;
    }

    private async Task<IChannel> OpenClientChannelAsync(ChannelOptions options)
    {
        IChannel? channel = null;
        try
        {
            channel = await _connection.CreateChannelAsync(new CreateChannelOptions(options.PublisherConfirms, false)).ConfigureAwait(false);
            if (options.Prefetch > 0)
                await channel.BasicQosAsync(0, options.Prefetch, global: true).ConfigureAwait(false);
            return channel;
        }
        catch (Exception error)
        {
            if (channel is not null)
                await AdministrationChannels.DiscardAsync(channel).ConfigureAwait(false);
            if (ClientErrors.Map(error) is var mapped && mapped != error)
                throw mapped;
            throw;
        }
    }

    private void Forget(RabbitMqChannel channel)
    {
        lock (_lock)
            _channels.Remove(channel);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
}
