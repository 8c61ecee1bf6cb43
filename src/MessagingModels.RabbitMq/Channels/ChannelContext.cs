using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>What the channels of a connection share.</summary>
internal sealed class ChannelContext(RabbitMqOptions options, ILogger logger)
{
    private readonly ConcurrentDictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private volatile bool _isClosing;

    public RabbitMqOptions Options => options;

    public ILogger Logger => logger;

    /// <summary>What is offered; set before the first channel is opened.</summary>
    public required Capabilities<ExchangeFeature> Capabilities { get; init; }

    /// <summary>What is known of the types of queues.</summary>
    public required QueueTypes Types { get; init; }

    /// <summary>Called before the connection is closed on purpose.</summary>
    public void BeginClose() => _isClosing = true;

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
