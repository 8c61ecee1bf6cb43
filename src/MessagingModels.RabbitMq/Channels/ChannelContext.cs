using System.Collections.Concurrent;
using System.Diagnostics;
using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Management;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>What the channels of a connection share.</summary>
internal sealed class ChannelContext(RabbitMqOptions options, ILogger logger)
{
    /// <summary>No queue, though it is consumed like one.</summary>
    private const string DirectReplies = "amq.rabbitmq.reply-to";

    private static readonly TimeSpan LimitOfSilent = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, string> _renamed = new(StringComparer.Ordinal);
    /// <summary>Of queues declared here or asked for; empty for the server's default, and where it could not be learnt.</summary>
    private readonly ConcurrentDictionary<string, string> _types = new(StringComparer.Ordinal);
    private volatile bool _isClosing;
    private volatile bool _isSilent;

    public RabbitMqOptions Options => options;

    public ILogger Logger => logger;

    /// <summary>What is offered; set before the first channel is opened.</summary>
    public required Capabilities<ExchangeFeature> Capabilities { get; init; }

    /// <summary>Tells what kind of queue one is that was declared elsewhere; null where there is none.</summary>
    public ManagementClient? Management { get; init; }

    /// <summary>Called before the connection is closed on purpose.</summary>
    public void BeginClose() => _isClosing = true;

    /// <summary>How long the answer to a close may take: hardly any time where this connection left one unanswered before.</summary>
    /// <param name="begin">When the disposal began (<see cref="Stopwatch.GetTimestamp"/>).</param>
    public TimeSpan CloseLimit(long begin)
    {
        TimeSpan left = options.CloseTimeout - Stopwatch.GetElapsedTime(begin);
        return _isSilent && left > LimitOfSilent ? LimitOfSilent : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Notes that a close was not answered in time.</summary>
    /// <param name="what">What was closed.</param>
    public void NoteUnanswered(string what)
    {
        _isSilent = true;
        RabbitMqLog.CloseUnanswered(logger, what);
    }

    /// <summary>Waits until a part of the connection is closed, but no longer than <see cref="CloseLimit"/>; it then goes on by itself.</summary>
    /// <param name="closing">What closes it.</param>
    /// <param name="what">What is closed.</param>
    /// <param name="begin">When the disposal began.</param>
    public async Task WaitForCloseAsync(Task closing, string what, long begin)
    {
        if (!await closing.EndsWithinAsync(CloseLimit(begin)).ConfigureAwait(false))
            NoteUnanswered(what);
    }

    /// <summary>Notes that there is a new connection.</summary>
    public void NoteRecovered() => _isSilent = false;

    /// <summary>Whether the client connects again after this.</summary>
    public bool WillRecover(ShutdownEventArgs reason)
        => options.AutomaticRecovery && !_isClosing && reason.Initiator is not ShutdownInitiator.Application
            && reason is not { Initiator: ShutdownInitiator.Peer, ReplyCode: (ushort)ReplyCode.AccessRefused };

    /// <summary>Notes that a queue, whose name the broker chose, has another one after a recovery.</summary>
    public void NoteRename(string before, string after) => _renamed[before] = after;

    /// <summary>The queue's name as it is now.</summary>
    public string CurrentName(string queue)
    {
        while (_renamed.TryGetValue(queue, out string? renamed))
            queue = renamed;
        return queue;
    }

    /// <summary>Notes the type of a queue that was declared; null where it is the server's default.</summary>
    public void NoteType(string queue, string? type) => _types[queue] = type ?? "";

    /// <summary>Notes that a queue was deleted: its name may stand for another one next.</summary>
    public void NoteDeleted(string queue) => _types.TryRemove(queue, out _);

    /// <summary>
    /// Finds out the type of a queue that was declared elsewhere. Each queue is asked for once: one that is deleted elsewhere and
    /// declared anew with another type is not noticed.
    /// </summary>
    public async ValueTask LearnTypeAsync(string queue, CancellationToken cancellationToken)
    {
        if (Management is null || _types.ContainsKey(queue) || queue.StartsWith(DirectReplies, StringComparison.Ordinal))
            return;
        try
        {
            if (await Management.FindQueueAsync(queue, cancellationToken).ConfigureAwait(false) is { } found)
                NoteType(queue, found.Type);
        }
        catch (MessagingException error)
        {
            // Without an answer the operation goes on, as it would without a management, and does not wait for one again.
            NoteType(queue, null);
            RabbitMqLog.TypeUnknown(logger, queue, error.Message);
        }
    }

    /// <summary>Refuses what RabbitMQ answers by closing the whole connection, where the queue is known to be a stream.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="virtualHost">Its virtual host.</param>
    /// <param name="refusal">What RabbitMQ says of the operation, before it names the queue.</param>
    /// <exception cref="ChannelException">It is one.</exception>
    public void CheckNotStream(string queue, string virtualHost, string refusal)
    {
        if (_types.GetValueOrDefault(queue) is QueueType.Stream)
            throw new ChannelException(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - {refusal} queue '{queue}' in vhost '{virtualHost}'");
    }

    /// <summary>The same for consumers of a channel with a limit that they share, which only classic queues obey.</summary>
    /// <exception cref="ChannelException">The queue is known to be of another type.</exception>
    public void CheckClassic(string queue, string virtualHost)
    {
        if (_types.GetValueOrDefault(queue) is QueueType.Quorum or QueueType.Stream)
            throw new ChannelException(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - queue '{queue}' in vhost '{virtualHost}' does not support global qos");
    }
}
