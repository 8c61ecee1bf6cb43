using System.Collections.Concurrent;
using MessagingModels.RabbitMq.Management;
using Microsoft.Extensions.Logging;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>
/// What is known of the types of queues, so that operations can be refused which RabbitMQ answers by closing the whole connection. Others may delete a
/// queue and declare it anew with another type, of which RabbitMQ tells nobody: the management is asked again after a while, and before anything
/// is refused; and what an error or the end of a consumer shows counts at once. Thread-safe.
/// </summary>
/// <param name="virtualHost">Where the queues are.</param>
/// <param name="management">Tells what kind of queue one is; null where there is none.</param>
/// <param name="logger">Told where the management does not answer.</param>
internal sealed class QueueTypes(string virtualHost, ManagementClient? management, ILogger logger)
{
    /// <summary>No queue, though it is consumed like one.</summary>
    private const string DirectReplies = "amq.rabbitmq.reply-to";

    /// <summary>As old as the management's figures may be.</summary>
    private const long GoodForMilliseconds = 5000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Notes the type of a queue that was declared.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="type">Its type; null where the server chose it.</param>
    public void NoteDeclared(string queue, string? type)
    {
        if (type is null)
            Forget(queue);
        else
            Note(queue, type);
    }

    /// <summary>A queue was deleted: its name may stand for another one next.</summary>
    public void Forget(string queue) => _known.TryRemove(queue, out _);

    /// <summary>The connection was lost: whatever became of queues meanwhile can be asked for, where there is a management.</summary>
    public void NoteLoss()
    {
        if (management is not null)
            _known.Clear();
    }

    /// <summary>Takes up what an error of an operation on a queue shows.</summary>
    public void NoteError(string queue, Exception error)
    {
        if (!error.Message.Contains($"queue '{queue}' in vhost '{virtualHost}'", StringComparison.Ordinal))
            return;
        if (error is ConnectionException { ReplyCode: ReplyCode.NotImplemented })
            Note(queue, error.Message.Contains("supported by stream", StringComparison.Ordinal) ? QueueType.Stream : QueueType.Quorum);
        else if (error is ChannelException { ReplyCode: ReplyCode.NotFound or ReplyCode.PreconditionFailed })
            Forget(queue);
    }

    /// <summary>Refuses what a stream does not know.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="refusal">What RabbitMQ says of the operation, before it names the queue.</param>
    /// <param name="cancellationToken">Ends the wait for the management.</param>
    /// <exception cref="ChannelException">The queue is known to be a stream.</exception>
    public async ValueTask RefuseStreamAsync(string queue, string refusal, CancellationToken cancellationToken)
    {
        if (await FindAsync(queue, static type => type is QueueType.Stream, cancellationToken).ConfigureAwait(false))
            throw new ChannelException(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - {refusal} queue '{queue}' in vhost '{virtualHost}'");
    }

    /// <summary>Refuses consumers of a channel with a limit that they share, which only classic queues obey.</summary>
    /// <exception cref="ChannelException">The queue is known to be of another type.</exception>
    public async ValueTask RefuseReplicatedAsync(string queue, CancellationToken cancellationToken)
    {
        if (await FindAsync(queue, static type => type is QueueType.Quorum or QueueType.Stream, cancellationToken).ConfigureAwait(false))
            throw new ChannelException(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - queue '{queue}' in vhost '{virtualHost}' does not support global qos");
    }

    private async ValueTask<bool> FindAsync(string queue, Predicate<string> isRefused, CancellationToken cancellationToken)
    {
        bool isKnown = _known.TryGetValue(queue, out Known known);
        if (management is null || queue.StartsWith(DirectReplies, StringComparison.Ordinal))
            return isKnown && isRefused(known.Type);
        if (isKnown && (known.IsFinal || (known.IsFresh && !isRefused(known.Type))))
            return isRefused(known.Type);
        try
        {
            if (await management.FindQueueAsync(queue, cancellationToken).ConfigureAwait(false) is { } found)
            {
                Note(queue, found.Type);
                return isRefused(found.Type);
            }

            // RabbitMQ is to say in its own words that there is none.
            Forget(queue);
            return false;
        }
        catch (MessagingException error)
        {
            // Without an answer the operation goes on with what is known, as it would without a management, and does not wait for one again.
            known = new Known(isKnown ? known.Type : QueueType.Classic, null);
            _known[queue] = known;
            RabbitMqLog.TypeUnknown(logger, queue, error.Message);
            return isRefused(known.Type);
        }
    }

    private void Note(string queue, string type) => _known[queue] = new Known(type, Environment.TickCount64);

    /// <summary>What was learnt of a queue.</summary>
    /// <param name="Type">Its type.</param>
    /// <param name="SinceMilliseconds">When; null where nobody can be asked again.</param>
    private readonly record struct Known(string Type, long? SinceMilliseconds)
    {
        public bool IsFinal => SinceMilliseconds is null;

        public bool IsFresh => Environment.TickCount64 < SinceMilliseconds + GoodForMilliseconds;
    }
}
