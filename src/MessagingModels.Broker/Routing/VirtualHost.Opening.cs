using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Routing;

internal sealed partial class VirtualHost
{
    private static readonly ExchangeDeclaration[] s_predeclared =
    [
        new("amq.direct", ExchangeType.Direct), new("amq.fanout", ExchangeType.Fanout), new("amq.topic", ExchangeType.Topic),
        new("amq.headers", ExchangeType.Headers), new("amq.match", ExchangeType.Headers),
    ];

    /// <summary>Opens a virtual host with what is stored in its directory, its queues side by side.</summary>
    /// <exception cref="Storage.StorageException">Its definitions cannot be read. A queue that cannot be read is there, and says so.</exception>
    public static async ValueTask<VirtualHost> OpenAsync(
        string name, BrokerContext context, string directory, TopicRegistry topics, TopicPublisher topicPublisher, ExchangeTypeRegistry types,
        CancellationToken cancellationToken)
    {
        VirtualHost host = new(name, context, directory, topics, topicPublisher, types);
        await host.RestoreAsync(cancellationToken);
        topics.Deleted += host.OnTopicDeleted;
        return host;
    }

    private async ValueTask RestoreAsync(CancellationToken cancellationToken)
    {
        foreach (ExchangeDeclaration predeclared in s_predeclared)
            Add(new Exchange(predeclared, _types.Find(predeclared.Type)!.CreateRouter(predeclared)));
        StoredDefinition[] definitions = [.. _definitions.Definitions];
        foreach (StoredDefinition definition in definitions)
        {
            if (definition.Policy is { } policy)
                _policies.Set(policy.ToPolicy());
        }

        foreach (Exchange exchange in _exchanges.Values)
            ApplyPolicy(exchange);
        foreach (StoredDefinition definition in definitions)
        {
            if (definition.Exchange is { } exchange)
                Add(Restore(exchange.ToDeclaration()));
        }

        RemoveOrphans([.. definitions.Select(definition => definition.Queue?.Directory).OfType<string>()]);
        await Parallel.ForEachAsync(
            definitions.Select(definition => definition.Queue).OfType<StoredQueue>(), cancellationToken,
            (queue, _) => RestoreQueueAsync(queue));
        _payloads.CompleteRecovery();
        foreach (StoredDefinition definition in definitions)
        {
            if (definition.Binding is { } binding)
                await RestoreBindingAsync(binding.ToBinding());
        }

        // Not before: what is due by now may become dead letters, which need their bindings.
        foreach (QueueDestination queue in _destinations.Values.OfType<QueueDestination>())
            queue.Queue.Wake();
        Delayed.Start();
    }

    /// <exception cref="InvalidOperationException">The exchange's type is no longer registered with the broker.</exception>
    private Exchange Restore(ExchangeDeclaration declaration)
    {
        IExchangeType type = _types.Find(declaration.Type) ?? throw new InvalidOperationException(
            $"The exchange '{declaration.Name}' in virtual host '{Name}' has the type '{declaration.Type}', which this broker does not know; " +
            $"add it to {nameof(EmbeddedBrokerOptions)}.{nameof(EmbeddedBrokerOptions.ExchangeTypes)}.");
        return Create(declaration, type);
    }

    private async ValueTask RestoreQueueAsync(StoredQueue stored)
    {
        QueueDeclaration declaration = stored.ToDeclaration();
        Policy? policy = _policies.ForQueue(declaration.Name);
        Queue queue = await Queue.OpenAsync(_queueHost, declaration, QueueSettings.Create(Name, declaration, policy), stored.Directory);
        _destinations[declaration.Name] = new QueueDestination(declaration, queue, null, _numbers.Take()) { Policy = policy };
    }

    /// <summary>A binding whose topic is gone (deleted while this broker was stopped half-way) is forgotten.</summary>
    private async ValueTask RestoreBindingAsync(Binding binding)
    {
        try
        {
            (Exchange source, BoundBinding bound) = Resolve(binding, null);
            AddToRouter(source, bound);
            Register(BindingId.Of(bound), source, bound);
        }
        catch (ChannelException)
        {
            await _definitions.AppendAsync(new StoredDefinition { Binding = StoredBinding.Of(binding), Removed = true });
        }
    }

    /// <summary>Directories of queues whose declaration or deletion was cut short by a crash.</summary>
    private void RemoveOrphans(HashSet<string> known)
    {
        _context.FileSystem.CreateDirectory(_queueHost.Directory);
        foreach (string name in _context.FileSystem.EnumerateDirectories(_queueHost.Directory))
        {
            if (!known.Contains(name))
                _context.FileSystem.DeleteDirectory(Path.Combine(_queueHost.Directory, name));
        }
    }
}
