using System.Text;

namespace MessagingModels;

/// <summary>Shorter forms of what <see cref="IExchangeBroker"/> and its channels offer.</summary>
public static class ExchangeBrokerExtensions
{
    /// <summary>Declares a durable exchange without arguments.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="name">Its name.</param>
    /// <param name="type">One of <see cref="ExchangeType"/>, or of the types registered with the broker.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the exchange can be used.</returns>
    /// <exception cref="ChannelException">It exists with other values, or a value is not legal.</exception>
    public static ValueTask DeclareExchangeAsync(
        this IExchangeBroker broker, string name, string type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return broker.DeclareExchangeAsync(new ExchangeDeclaration(name, type), cancellationToken);
    }

    /// <summary>Declares a durable queue.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Its arguments, or null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its name and size.</returns>
    /// <exception cref="ChannelException">It exists with other values, or a value is not legal.</exception>
    public static ValueTask<QueueDeclared> DeclareQueueAsync(
        this IExchangeBroker broker, string name, QueueArguments? arguments = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return broker.DeclareQueueAsync(new QueueDeclaration(name) { Arguments = arguments ?? [] }, cancellationToken);
    }

    /// <summary>Binds an exchange to a queue.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="routingKey">The key or pattern.</param>
    /// <param name="arguments">Further arguments, or null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when messages follow the binding.</returns>
    /// <exception cref="ChannelException">An end does not exist, or the exchange type refuses the key or the arguments.</exception>
    public static ValueTask BindQueueAsync(
        this IExchangeBroker broker, string queue, string exchange, string routingKey = "",
        IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellationToken = default)
        => Bind(broker, exchange, BindingTarget.Queue, queue, routingKey, arguments, cancellationToken);

    /// <summary>Binds an exchange to another, which then routes the messages by its own bindings.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="destination">The exchange that takes the messages.</param>
    /// <param name="source">The exchange that hands them on.</param>
    /// <param name="routingKey">The key or pattern.</param>
    /// <param name="arguments">Further arguments, or null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when messages follow the binding.</returns>
    /// <exception cref="ChannelException">An end does not exist, or the exchange type refuses the key or the arguments.</exception>
    public static ValueTask BindExchangeAsync(
        this IExchangeBroker broker, string destination, string source, string routingKey = "",
        IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellationToken = default)
        => Bind(broker, source, BindingTarget.Exchange, destination, routingKey, arguments, cancellationToken);

    /// <summary>Binds an exchange to a topic of the log model: what matches is appended there, keyed by its routing key.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="routingKey">The key or pattern.</param>
    /// <param name="arguments">Further arguments, or null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when messages follow the binding.</returns>
    /// <exception cref="ChannelException">An end does not exist, or the exchange type refuses the key or the arguments.</exception>
    public static ValueTask BindTopicAsync(
        this IExchangeBroker broker, string topic, string exchange, string routingKey = "",
        IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellationToken = default)
        => Bind(broker, exchange, BindingTarget.Topic, topic, routingKey, arguments, cancellationToken);

    /// <summary>Consumes a queue on a channel of its own, which closes with the consumer.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The consumer.</returns>
    /// <exception cref="ChannelException">There is no such queue, or it refuses the consumer.</exception>
    public static async ValueTask<IQueueConsumer> ConsumeAsync(
        this IExchangeBroker broker, string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        IExchangeChannel channel = await broker.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        try
        {
            IQueueConsumer consumer = await channel.ConsumeAsync(queue, options, cancellationToken).ConfigureAwait(false);
            return new ConsumerWithChannel(consumer, channel);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Publishes text in UTF-8; completes when it is confirmed.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="exchange">The exchange; empty for the default one.</param>
    /// <param name="routingKey">The routing key.</param>
    /// <param name="text">The body.</param>
    /// <param name="properties">The properties, or null for none.</param>
    /// <param name="mandatory">True to get the message back where it has no queue to go to.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="PublishNackedException">A queue refused the message.</exception>
    /// <exception cref="ChannelException">There is no such exchange; the channel closes.</exception>
    public static ValueTask<PublishOutcome> PublishAsync(
        this IExchangeChannel channel, string exchange, string routingKey, string text, MessageProperties? properties = null,
        bool mandatory = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.PublishAsync(exchange, routingKey, Encoding.UTF8.GetBytes(text), properties, mandatory, cancellationToken);
    }

    private static ValueTask Bind(
        IExchangeBroker broker, string source, BindingTarget target, string destination, string routingKey,
        IReadOnlyDictionary<string, object?>? arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return broker.BindAsync(new Binding(source, target, destination, routingKey, arguments), cancellationToken);
    }

    private sealed class ConsumerWithChannel(IQueueConsumer consumer, IExchangeChannel channel) : IQueueConsumer
    {
        public string Queue => consumer.Queue;

        public string ConsumerTag => consumer.ConsumerTag;

        public IAsyncEnumerable<Delivery> ReadAsync(CancellationToken cancellationToken = default) => consumer.ReadAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
        }
    }
}
