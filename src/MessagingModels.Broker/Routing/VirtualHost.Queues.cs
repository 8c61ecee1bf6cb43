using System.Buffers.Text;
using System.Security.Cryptography;
using MessagingModels.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Routing;

internal sealed partial class VirtualHost
{
    private const int GeneratedNameBytes = 16;

    /// <exception cref="ChannelException">It exists with other values, is exclusive to another connection, or a value is not legal.</exception>
    public async ValueTask<QueueDeclared> DeclareQueueAsync(
        QueueDeclaration declaration, BrokerConnection connection, CancellationToken cancellationToken)
    {
        if (declaration.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            throw ChannelErrors.ReservedName("queue", declaration.Name);
        if (declaration.Name.Length == 0)
            declaration = declaration with { Name = "amq.gen-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedNameBytes)) };
        declaration = declaration with { Arguments = new Dictionary<string, object?>(declaration.Arguments, StringComparer.Ordinal) };
        QueueDestination? queue = null;
        await RunAsync(
            async () =>
            {
                queue = FindQueue(declaration.Name);
                if (queue is null)
                {
                    queue = await CreateQueueAsync(declaration, connection);
                    return;
                }

                if (queue.Owner != (declaration.Exclusive ? connection : null))
                    throw ChannelErrors.Locked(declaration.Name, Name);
                ArgumentEquivalence.Check(declaration, queue.Declaration, Name);
            },
            cancellationToken);
        QueueStatistics statistics = await queue!.Queue.DeclareAgainAsync();
        return new QueueDeclared(declaration.Name, statistics.ReadyMessages, statistics.Consumers);
    }

    /// <summary>Deletes a queue; none of that name is no error.</summary>
    /// <returns>How many ready messages were deleted.</returns>
    /// <exception cref="ChannelException">It is in use or not empty, or exclusive to another connection.</exception>
    public async ValueTask<long> DeleteQueueAsync(
        string name, bool ifUnused, bool ifEmpty, BrokerConnection connection, CancellationToken cancellationToken)
    {
        long deleted = 0;
        await RunAsync(
            async () =>
            {
                if (FindQueue(name) is not { } queue)
                    return;
                CheckExclusive(queue, connection);
                deleted = await queue.Queue.DeleteAsync(ifUnused, ifEmpty);
                await RemoveQueueAsync(queue);
            },
            cancellationToken);
        return deleted;
    }

    /// <exception cref="ChannelException">There is no such queue, or it is exclusive to another connection.</exception>
    public ValueTask<long> PurgeQueueAsync(string name, BrokerConnection connection) => GetQueue(name, connection).PurgeAsync();

    /// <exception cref="ChannelException">There is no such queue, or it is exclusive to another connection.</exception>
    public async ValueTask<QueueDescription> DescribeQueueAsync(string name, BrokerConnection connection)
    {
        Queue queue = GetQueue(name, connection);
        return queue.Describe(await queue.CountAsync());
    }

    public IReadOnlyList<QueueDescription> ListQueues()
        => [.. _destinations.Values.OfType<QueueDestination>().Where(queue => !queue.IsGone).OrderBy(queue => queue.Name, StringComparer.Ordinal)
            .Select(queue => queue.Queue.Describe(queue.Queue.Statistics))];

    /// <summary>A queue for a channel to consume from.</summary>
    /// <exception cref="ChannelException">There is no such queue, or it is exclusive to another connection.</exception>
    public Queue GetQueue(string name, BrokerConnection connection)
    {
        if (FindQueue(name) is not { } queue)
            throw ChannelErrors.NoQueue(name, Name);
        CheckExclusive(queue, connection);
        return queue.Queue;
    }

    /// <summary>Deletes the exclusive queues of a connection that has closed.</summary>
    public ValueTask CloseConnectionAsync(BrokerConnection connection) => RunAsync(
        async () =>
        {
            foreach (QueueDestination queue in _destinations.Values.OfType<QueueDestination>().Where(queue => queue.Owner == connection))
            {
                await queue.Queue.DeleteAsync(ifUnused: false, ifEmpty: false);
                await RemoveQueueAsync(queue);
            }
        },
        CancellationToken.None);

    /// <inheritdoc />
    public void OnQueueGone(Queue queue, QueueEnd reason)
    {
        if (FindDestination(queue.Name) is not QueueDestination destination || destination.Queue != queue)
            return;
        destination.IsGone = true;
        _goneQueues.Enqueue(destination);
        // Every command forgets the queues that are gone before it does anything else; this one does nothing else.
        _background.Run(async () =>
        {
            try
            {
                await RunAsync(() => ValueTask.CompletedTask, CancellationToken.None);
            }
            catch (Exception error) when (error is ChannelException or ObjectDisposedException)
            {
                LogCleanUpFailed(_logger, destination.Name, Name, error);
            }
        });
    }

    /// <summary>Lets a channel be found under a name of its own for direct replies.</summary>
    public T AddReplyDestination<T>(string name, Func<int, T> create)
        where T : Destination
    {
        T destination = create(_numbers.Take());
        _destinations[name] = destination;
        return destination;
    }

    public void RemoveReplyDestination(Destination destination)
    {
        if (_destinations.TryRemove(new KeyValuePair<string, Destination>(destination.Name, destination)))
            _numbers.Return(destination.Index);
    }


    private void CheckExclusive(QueueDestination queue, BrokerConnection? connection)
    {
        if (queue.Owner is not null && queue.Owner != connection)
            throw ChannelErrors.Locked(queue.Name, Name);
    }

    private async ValueTask<QueueDestination> CreateQueueAsync(QueueDeclaration declaration, BrokerConnection connection)
    {
        Policy? policy = _policies.ForQueue(declaration.Name);
        QueueSettings settings = QueueSettings.Create(Name, declaration, policy);
        string directory = Guid.NewGuid().ToString("N");
        Queue queue = await Queue.OpenAsync(_queueHost, declaration, settings, directory);
        QueueDestination destination = new(declaration, queue, declaration.Exclusive ? connection : null, _numbers.Take()) { Policy = policy };
        if (destination.IsStored)
        {
            try
            {
                await _definitions.AppendAsync(new StoredDefinition { Queue = StoredQueue.Of(declaration, directory) });
            }
            catch
            {
                _numbers.Return(destination.Index);
                await queue.DeleteAsync(ifUnused: false, ifEmpty: false);
                queue.DeleteFiles();
                throw;
            }
        }

        _destinations[declaration.Name] = destination;
        return destination;
    }

    /// <summary>Forgets a queue that is gone, with its bindings.</summary>
    private async ValueTask RemoveQueueAsync(QueueDestination queue)
    {
        if (!_destinations.TryRemove(new KeyValuePair<string, Destination>(queue.Name, queue)))
            return;
        if (queue.IsStored)
            await _definitions.AppendAsync(new StoredDefinition { Queue = StoredQueue.Of(queue.Declaration, ""), Removed = true });
        queue.Queue.DeleteFiles();
        foreach (BoundBinding binding in queue.Incoming.ToArray())
            await RemoveBindingAsync(binding);
        _numbers.Return(queue.Index);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The definitions of '{Name}' in virtual host '{VirtualHost}' could not be cleaned up")]
    private static partial void LogCleanUpFailed(ILogger logger, string name, string virtualHost, Exception error);
}
