namespace MessagingModels;

/// <summary>
/// The exchange model: producers publish to exchanges, which route to queues by bindings; consumers take messages from queues.
/// One virtual host. Safe for concurrent use; an error here closes nothing, but for what RabbitMQ answers by closing the connection: purging a
/// stream that the adapter could not know to be one, and deleting a quorum queue only if it is empty. Names, keys and the names of arguments have
/// at most 255 bytes in UTF-8; where one is longer an <see cref="ArgumentException"/> says so.
/// </summary>
public interface IExchangeBroker : IAsyncDisposable
{
    /// <summary>The virtual host that all names belong to.</summary>
    string VirtualHost { get; }

    /// <summary>What this broker offers; a call that needs more throws a <see cref="NotSupportedException"/>.</summary>
    Capabilities<ExchangeFeature> Capabilities { get; }

    /// <summary>Declares an exchange.</summary>
    /// <param name="exchange">Name, type and arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the exchange can be used and, if durable, is stored.</returns>
    /// <exception cref="ChannelException">It exists with other values, or a value is not legal.</exception>
    ValueTask DeclareExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken = default);

    /// <summary>Deletes an exchange with its bindings; none of that name is no error.</summary>
    /// <param name="exchange">Its name.</param>
    /// <param name="ifUnused">True to refuse where it has bindings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the exchange is gone.</returns>
    /// <exception cref="ChannelException">It is in use, or is one of the broker's own.</exception>
    ValueTask DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellationToken = default);

    /// <summary>Describes an exchange.</summary>
    /// <param name="exchange">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exchange as it is.</returns>
    /// <exception cref="ChannelException">There is no such exchange.</exception>
    ValueTask<ExchangeDescription> DescribeExchangeAsync(string exchange, CancellationToken cancellationToken = default);

    /// <summary>Declares a queue.</summary>
    /// <param name="queue">Name and arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its name and size.</returns>
    /// <exception cref="ChannelException">It exists with other values, is exclusive to another connection, or a value is not legal.</exception>
    ValueTask<QueueDeclared> DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken = default);

    /// <summary>Deletes a queue with its messages and bindings; none of that name is no error.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="ifUnused">True to refuse where it has consumers.</param>
    /// <param name="ifEmpty">True to refuse where it has messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many ready messages were deleted.</returns>
    /// <exception cref="ChannelException">It is in use or not empty, or exclusive to another connection.</exception>
    ValueTask<long> DeleteQueueAsync(string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellationToken = default);

    /// <summary>Deletes the ready messages of a queue.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ChannelException">There is no such queue.</exception>
    ValueTask<long> PurgeQueueAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Describes a queue. That is no use of it: a queue that expires unused goes all the same.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The queue as it is.</returns>
    /// <exception cref="ChannelException">There is no such queue.</exception>
    ValueTask<QueueDescription> DescribeQueueAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Binds an exchange to a queue, another exchange or a topic. The same binding again has no effect.</summary>
    /// <param name="binding">The binding.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when messages follow the binding and, if both ends are durable, it is stored.</returns>
    /// <exception cref="ChannelException">An end does not exist, or the exchange type refuses the key or the arguments.</exception>
    ValueTask BindAsync(Binding binding, CancellationToken cancellationToken = default);

    /// <summary>Removes a binding with the same ends, key and arguments; none is no error.</summary>
    /// <param name="binding">The binding.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when no more messages follow it.</returns>
    ValueTask UnbindAsync(Binding binding, CancellationToken cancellationToken = default);

    /// <summary>Lists the exchanges.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exchanges, by name.</returns>
    ValueTask<IReadOnlyList<ExchangeDescription>> ListExchangesAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists the queues.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The queues, by name.</returns>
    ValueTask<IReadOnlyList<QueueDescription>> ListQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists the bindings, without those of the default exchange.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bindings.</returns>
    ValueTask<IReadOnlyList<Binding>> ListBindingsAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets a policy, replacing one of the same name.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// A task that completes when it is stored. The embedded broker has it in force then; a RabbitMQ cluster tells its exchanges and queues
    /// shortly after, and their descriptions name it once they have it.
    /// </returns>
    /// <exception cref="ChannelException">A key or value of its definition is not legal.</exception>
    ValueTask SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default);

    /// <summary>Deletes a policy; none of that name is no error.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is no longer stored, and ceases to be in force as a new one comes into force.</returns>
    ValueTask DeletePolicyAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Lists the policies.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The policies, by name.</returns>
    ValueTask<IReadOnlyList<Policy>> ListPoliciesAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens a channel to publish and consume on.</summary>
    /// <param name="options">Settings, or null for the defaults: with confirms.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The channel.</returns>
    ValueTask<IExchangeChannel> OpenChannelAsync(ChannelOptions? options = null, CancellationToken cancellationToken = default);
}
