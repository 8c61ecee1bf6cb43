using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing;

/// <summary>Where a routed message ends up: a queue, a topic, or a channel that waits for a direct reply.</summary>
internal abstract class Destination(string name, int index)
{
    public string Name { get; } = name;

    /// <summary>A number of its own among the virtual host's destinations, small and given anew after the destination is gone.</summary>
    public int Index { get; } = index;

    /// <summary>The bindings that lead here. Belongs to the virtual host's commands.</summary>
    public HashSet<BoundBinding> Incoming { get; } = [];

    /// <summary>True for a durable queue that can refer to a body in the virtual host's <see cref="PayloadStore"/>.</summary>
    public virtual bool StoresBodies => false;

    /// <summary>Posts the message. The origin, where there is one, hears of it exactly once.</summary>
    public abstract void Publish(in Message message, IPublishOrigin? origin, ulong sequence);
}

/// <summary>A queue with what the virtual host knows of it.</summary>
internal sealed class QueueDestination(QueueDeclaration declaration, Queue queue, BrokerConnection? owner, int index)
    : Destination(declaration.Name, index)
{
    private bool _isGone;

    public QueueDeclaration Declaration { get; } = declaration;

    public Queue Queue { get; } = queue;

    /// <summary>The connection that alone may use it, or null.</summary>
    public BrokerConnection? Owner { get; } = owner;

    /// <summary>True where the queue and its bindings are stored.</summary>
    public bool IsStored => Declaration.Durable && !Declaration.Exclusive;

    /// <summary>True once the queue has ended by itself and waits to be forgotten.</summary>
    public bool IsGone
    {
        get => Volatile.Read(ref _isGone);
        set => Volatile.Write(ref _isGone, value);
    }

    /// <summary>The policy in force, or null. Belongs to the virtual host's commands.</summary>
    public Policy? Policy { get; set; }

    public override bool StoresBodies => Declaration.Durable && Queue.Settings.Kind != QueueKind.Stream;

    public override void Publish(in Message message, IPublishOrigin? origin, ulong sequence) => Queue.Publish(message, origin, sequence);
}

/// <summary>A binding as the virtual host keeps it: with the object that it leads to.</summary>
internal sealed class BoundBinding : Binding
{
    private BoundBinding(Binding binding, Destination? destination, Exchange? exchange)
        : base(binding.Source, binding.Target, binding.Destination, binding.RoutingKey, binding.Arguments)
    {
        End = destination;
        Exchange = exchange;
    }

    /// <summary>The queue or topic; null where the binding leads to an exchange.</summary>
    public Destination? End { get; }

    /// <summary>The exchange; null where the binding leads to a queue or a topic.</summary>
    public Exchange? Exchange { get; }

    public static BoundBinding To(Destination destination, Binding binding) => new(binding, destination, null);

    public static BoundBinding To(Exchange exchange, Binding binding) => new(binding, null, exchange);
}
