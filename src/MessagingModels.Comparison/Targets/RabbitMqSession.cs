using System.Globalization;
using MessagingModels.Provisioning;
using MessagingModels.RabbitMq;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A connection to RabbitMQ, with queues and exchanges of its own.</summary>
internal sealed class RabbitMqSession(Durability durability, string prefix, RabbitMqTarget target, IReadOnlyList<Uri> addresses, ResponseDroppingProxy? proxy)
    : TargetSession(durability, prefix)
{
    private readonly List<string> _queues = [];
    private readonly List<string> _declaredExchanges = [];
    private RabbitMqExchangeBroker? _broker;
    private RabbitMqExchangeBroker? _consuming;

    /// <summary>How many members quorum queues have; 0 for a given cluster that has not been asked or does not tell.</summary>
    private int _members = target.IsGiven ? 0 : Math.Max(1, target.Nodes.Count);

    public override IExchangeBroker Exchanges => _broker ?? throw new InvalidOperationException("The connection of this session is closed.");

    public override IExchangeBroker ConsumingExchanges => _consuming ?? Exchanges;

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["durability"] = Durability.ToString(),
        ["queue"] = Durability switch
        {
            Durability.Fsync => _members switch
            {
                0 => "quorum, with as many members as the given cluster gives it: a majority has flushed its Raft log before the confirm",
                1 => "quorum, one member: its Raft log is flushed before the confirm",
                _ => string.Create(CultureInfo.InvariantCulture, $"quorum, {_members} members: a majority has flushed its Raft log before the confirm"),
            },
            Durability.PageCache => "classic, durable: written before the confirm, not flushed",
            _ => "classic, durable; its transient messages are not kept over a restart",
        },
        ["connections"] = "one for publishing, one for consuming",
    };

    public override bool LosesResponses => proxy is not null;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        RabbitMqOptions options = target.OptionsFor(addresses[0]);
        foreach (Uri other in addresses.Skip(1))
            options.Endpoints.Add(other.Authority);
        _broker = await RabbitMqExchangeBroker.ConnectAsync(options, null, cancellationToken).ConfigureAwait(false);
        _consuming = await RabbitMqExchangeBroker.ConnectAsync(options, null, cancellationToken).ConfigureAwait(false);
    }

    public override async Task<string> DeclareQueueAsync(
        string name, CancellationToken cancellationToken, bool durable = true, string? type = null)
    {
        string? queueType = type ?? (Durability == Durability.Fsync && durable ? QueueType.Quorum : null);
        QueueDeclaration queue = new(Name(name))
        {
            Durable = durable,
            Arguments = new QueueArguments { QueueType = queueType },
        };
        await Exchanges.DeclareQueueAsync(queue, cancellationToken).ConfigureAwait(false);
        _queues.Add(queue.Name);
        target.Leftovers.Add(LeftoverKind.Queue, queue.Name);
        if (_members == 0 && target.ManagementUri is not null && queueType == QueueType.Quorum)
            _members = (await target.DescribeQueueAsync(queue.Name, cancellationToken).ConfigureAwait(false)).All.Count;
        return queue.Name;
    }

    public override async Task<string> DeclareExchangeAsync(string name, string type, CancellationToken cancellationToken)
    {
        string exchange = await base.DeclareExchangeAsync(name, type, cancellationToken).ConfigureAwait(false);
        _declaredExchanges.Add(exchange);
        target.Leftovers.Add(LeftoverKind.Exchange, exchange);
        return exchange;
    }

    public override long? ReadStoredBytes() => target.ReadStoredBytes();

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        target.DemandNodes();
        await CloseAsync().ConfigureAwait(false);
        await target.StopAsync().ConfigureAwait(false);
        await target.StartAsync(cancellationToken).ConfigureAwait(false);
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task<bool> LoseResponseAsync(Func<Task> send, bool untilGivenUp, CancellationToken cancellationToken)
        => proxy is null ? base.LoseResponseAsync(send, untilGivenUp, cancellationToken) : LostResponse.RunAsync(proxy, send, untilGivenUp, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (_broker is { } broker)
        {
            foreach (string queue in _queues)
                await target.Leftovers.RemoveAsync(broker, LeftoverKind.Queue, queue).ConfigureAwait(false);
            foreach (string exchange in _declaredExchanges)
                await target.Leftovers.RemoveAsync(broker, LeftoverKind.Exchange, exchange).ConfigureAwait(false);
        }

        await CloseAsync().ConfigureAwait(false);
        if (proxy is not null)
            await proxy.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        foreach (RabbitMqExchangeBroker? connection in (RabbitMqExchangeBroker?[])[_consuming, _broker])
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
        }

        _broker = _consuming = null;
    }
}
