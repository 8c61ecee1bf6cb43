using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing;

internal sealed partial class VirtualHost
{
    /// <exception cref="ChannelException">An end does not exist, or the exchange type refuses the key or the arguments.</exception>
    public ValueTask BindAsync(Binding binding, BrokerConnection connection, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            (Exchange source, BoundBinding bound) = Resolve(binding, connection);
            BindingId id = IdOf(bound);
            if (_bindings.ContainsKey(id))
                return;
            AddToRouter(source, bound);
            if (IsStored(bound))
            {
                try
                {
                    await _definitions.AppendAsync(new StoredDefinition { Binding = StoredBinding.Of(bound) });
                }
                catch
                {
                    RemoveFromRouter(source, bound);
                    throw;
                }
            }

            Register(id, source, bound);
            Replay(source, bound);
        },
        cancellationToken);

    /// <summary>Removes a binding; none is no error, nor is an end that does not exist.</summary>
    /// <exception cref="ChannelException">It binds to the default exchange, or a queue that is exclusive to another connection.</exception>
    public ValueTask UnbindAsync(Binding binding, BrokerConnection connection, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            if (binding.Source.Length == 0)
                throw ChannelErrors.DefaultExchange();
            if (!_bindings.TryGetValue(IdOf(binding), out BoundBinding? bound))
                return;
            if (bound.End is QueueDestination queue)
                CheckExclusive(queue, connection);
            await RemoveBindingAsync(bound);
        },
        cancellationToken);

    public async ValueTask<IReadOnlyList<Binding>> ListBindingsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Binding> bindings = [];
        await RunAsync(
            () =>
            {
                bindings = [.. _bindings.Values];
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        return bindings;
    }

    private static BindingId IdOf(Binding binding)
    {
        try
        {
            return BindingId.Of(binding);
        }
        catch (ArgumentException error)
        {
            throw ChannelErrors.Failed(error.Message, error);
        }
    }

    private static bool IsStored(BoundBinding binding, Exchange source) => source.Declaration.Durable && binding switch
    {
        { Exchange: { } exchange } => exchange.Declaration.Durable,
        { End: QueueDestination queue } => queue.IsStored,
        _ => true,
    };

    private bool IsStored(BoundBinding binding) => FindExchange(binding.Source) is { } source && IsStored(binding, source);

    private (Exchange Source, BoundBinding Bound) Resolve(Binding binding, BrokerConnection? connection)
    {
        if (binding.Source.Length == 0 || (binding.Target == BindingTarget.Exchange && binding.Destination.Length == 0))
            throw ChannelErrors.DefaultExchange();
        // The source is looked for first, and who may use the destination asked last, as in RabbitMQ.
        Exchange source = FindExchange(binding.Source) ?? throw ChannelErrors.NoExchange(binding.Source, Name);
        switch (binding.Target)
        {
            case BindingTarget.Queue:
                QueueDestination queue = FindQueue(binding.Destination) ?? throw ChannelErrors.NoQueue(binding.Destination, Name);
                CheckExclusive(queue, connection);
                return (source, BoundBinding.To(queue, binding));
            case BindingTarget.Topic:
                return (source, BoundBinding.To(ResolveTopic(binding.Destination), binding));
            default:
                Exchange exchange = FindExchange(binding.Destination) ?? throw ChannelErrors.NoExchange(binding.Destination, Name);
                return (source, BoundBinding.To(exchange, binding));
        }
    }

    private TopicDestination ResolveTopic(string name)
    {
        if (_topicDestinations.TryGetValue(name, out TopicDestination? destination))
            return destination;
        if (_topics.Find(name) is null)
            throw ChannelErrors.NoTopic(name);
        destination = new TopicDestination(name, _numbers.Take(), _topicPublisher);
        _topicDestinations.Add(name, destination);
        return destination;
    }

    private void AddToRouter(Exchange source, BoundBinding binding)
    {
        using RoutingGate.Change change = Gate.BeginChange();
        try
        {
            source.Router.Add(binding);
        }
        catch (ArgumentException error)
        {
            throw ChannelErrors.Failed(error.Message, error);
        }
    }

    private void RemoveFromRouter(Exchange source, BoundBinding binding)
    {
        using RoutingGate.Change change = Gate.BeginChange();
        source.Router.Remove(binding);
    }

    private void Register(BindingId id, Exchange source, BoundBinding binding)
    {
        _bindings.Add(id, binding);
        source.Outgoing.Add(binding);
        (binding.End?.Incoming ?? binding.Exchange!.Incoming).Add(binding);
    }

    private async ValueTask RemoveBindingAsync(BoundBinding binding)
    {
        if (!_bindings.Remove(BindingId.Of(binding)))
            return;
        Exchange? source = FindExchange(binding.Source);
        // A binding of a durable exchange that is just being deleted is forgotten as well, although its source is found no more.
        if (source is null || IsStored(binding, source))
            await _definitions.AppendAsync(new StoredDefinition { Binding = StoredBinding.Of(binding), Removed = true });
        (binding.End?.Incoming ?? binding.Exchange!.Incoming).Remove(binding);
        if (binding.End is TopicDestination { Incoming.Count: 0 } topic && _topicDestinations.Remove(topic.Name))
            _numbers.Return(topic.Index);
        if (source is null)
            return;
        RemoveFromRouter(source, binding);
        source.Outgoing.Remove(binding);
        if (source.Declaration.AutoDelete && source.Outgoing.Count == 0 && source.IsLive)
            await RemoveExchangeAsync(source);
    }

    /// <summary>A recent-history exchange gives a new binding the messages that it kept.</summary>
    private void Replay(Exchange source, BoundBinding binding)
    {
        if (source.History is not { } history)
            return;
        MessageRouter? router = null;
        foreach (Message message in history.Recall())
        {
            if (binding.End is { } destination)
            {
                destination.Publish(message, null, 0);
                continue;
            }

            router ??= new MessageRouter(this);
            router.Route(binding.Exchange, message, null);
            router.PublishToAll(message, null, 0);
        }
    }

    private void OnTopicDeleted(Topic topic) => _background.Run(async () =>
    {
        try
        {
            await RunAsync(
                async () =>
                {
                    if (!_topicDestinations.TryGetValue(topic.Name, out TopicDestination? destination))
                        return;
                    foreach (BoundBinding binding in destination.Incoming.ToArray())
                        await RemoveBindingAsync(binding);
                },
                CancellationToken.None);
        }
        catch (Exception error) when (error is ChannelException or ObjectDisposedException)
        {
            LogCleanUpFailed(_logger, topic.Name, Name, error);
        }
    });
}
