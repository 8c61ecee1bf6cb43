using MessagingModels.Broker.Routing;

namespace MessagingModels.Broker.Embedded.Exchanges;

/// <summary>A virtual host of the embedded broker. It counts as one connection: exclusive queues are its own and go with it.</summary>
internal sealed class EmbeddedExchangeBroker : IExchangeBroker
{
    /// <summary>The user that messages with a user id must name: RabbitMQ's default one.</summary>
    public const string User = "guest";

    private const string ExchangeName = "exchange name";
    private const string QueueName = "queue name";

    private static readonly Capabilities<ExchangeFeature> Everything = new(EmbeddedBroker.SystemName);

    private readonly VirtualHost _host;
    private readonly BrokerConnection _connection = new(User);
    private readonly Lock _lock = new();
    private readonly HashSet<EmbeddedChannel> _channels = [];
    private bool _isDisposed;

    public EmbeddedExchangeBroker(VirtualHost host)
    {
        _host = host;
        host.AddClient(this);
    }

    public string VirtualHost => _host.Name;

    public Capabilities<ExchangeFeature> Capabilities => Everything;

    public ValueTask DeclareExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange);
        return Open().DeclareExchangeAsync(exchange, cancellationToken);
    }

    public ValueTask DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange, ExchangeName);
        return Open().DeleteExchangeAsync(exchange, ifUnused, cancellationToken);
    }

    public ValueTask<ExchangeDescription> DescribeExchangeAsync(string exchange, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange, ExchangeName);
        return Answer(host => host.DescribeExchange(exchange));
    }

    public ValueTask<QueueDeclared> DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue);
        return Open().DeclareQueueAsync(queue, _connection, cancellationToken);
    }

    public ValueTask<long> DeleteQueueAsync(
        string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        return Open().DeleteQueueAsync(queue, ifUnused, ifEmpty, _connection, cancellationToken);
    }

    public async ValueTask<long> PurgeQueueAsync(string queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        return await Open().PurgeQueueAsync(queue, _connection).AsTask().WaitAsync(cancellationToken);
    }

    public async ValueTask<QueueDescription> DescribeQueueAsync(string queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        return await Open().DescribeQueueAsync(queue, _connection).AsTask().WaitAsync(cancellationToken);
    }

    public ValueTask BindAsync(Binding binding, CancellationToken cancellationToken = default)
    {
        ShortText.Check(binding);
        return Open().BindAsync(binding, _connection, cancellationToken);
    }

    public ValueTask UnbindAsync(Binding binding, CancellationToken cancellationToken = default)
    {
        ShortText.Check(binding);
        return Open().UnbindAsync(binding, _connection, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ExchangeDescription>> ListExchangesAsync(CancellationToken cancellationToken = default)
        => Answer(host => host.ListExchanges());

    public ValueTask<IReadOnlyList<QueueDescription>> ListQueuesAsync(CancellationToken cancellationToken = default)
        => Answer(host => host.ListQueues());

    public ValueTask<IReadOnlyList<Binding>> ListBindingsAsync(CancellationToken cancellationToken = default)
        => Open().ListBindingsAsync(cancellationToken);

    public ValueTask SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Open().SetPolicyAsync(policy, cancellationToken);
    }

    public ValueTask DeletePolicyAsync(string name, CancellationToken cancellationToken = default)
        => Open().DeletePolicyAsync(name, cancellationToken);

    public ValueTask<IReadOnlyList<Policy>> ListPoliciesAsync(CancellationToken cancellationToken = default)
        => Open().ListPoliciesAsync(cancellationToken);

    public ValueTask<IExchangeChannel> OpenChannelAsync(ChannelOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ChannelOptions();
        if (options.MaxUnconfirmed < 1)
            throw new ArgumentException($"MaxUnconfirmed ({options.MaxUnconfirmed}) must be at least 1.", nameof(options));
        VirtualHost host = Open();
        EmbeddedChannel channel = new(host, _connection, options, this);
        lock (_lock)
            _channels.Add(channel);
        return ValueTask.FromResult<IExchangeChannel>(new ObservedChannel(channel));
    }

    /// <summary>A channel closed by itself.</summary>
    public void Forget(EmbeddedChannel channel)
    {
        lock (_lock)
            _channels.Remove(channel);
    }

    /// <summary>Closes the channels and deletes the exclusive queues.</summary>
    public async ValueTask DisposeAsync()
    {
        EmbeddedChannel[] channels;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            channels = [.. _channels];
        }

        _host.RemoveClient(this);
        foreach (EmbeddedChannel channel in channels)
            await channel.DisposeAsync();
        if (!_host.IsClosed)
            await _host.CloseConnectionAsync(_connection);
    }

    private VirtualHost Open()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return _host;
    }

    private ValueTask<T> Answer<T>(Func<VirtualHost, T> question)
    {
        try
        {
            return ValueTask.FromResult(question(Open()));
        }
        catch (ChannelException error)
        {
            return ValueTask.FromException<T>(error);
        }
    }
}
