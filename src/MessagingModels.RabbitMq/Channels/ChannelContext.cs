using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>What the channels of a connection share.</summary>
internal sealed class ChannelContext(RabbitMqOptions options, ILogger logger)
{
    private static readonly TimeSpan LimitOfSilent = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private volatile bool _isClosing;
    private volatile bool _isSilent;

    public RabbitMqOptions Options => options;

    public ILogger Logger => logger;

    /// <summary>What is offered; set before the first channel is opened.</summary>
    public required Capabilities<ExchangeFeature> Capabilities { get; init; }

    /// <summary>What is known of the types of queues.</summary>
    public required QueueTypes Types { get; init; }

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
}
