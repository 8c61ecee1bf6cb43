using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Queues;

/// <summary>What the queues of one virtual host share.</summary>
internal sealed record QueueHost
{
    /// <summary>The virtual host's name, for errors.</summary>
    public required string VirtualHost { get; init; }

    /// <summary>The data directory of durable queues.</summary>
    public required DataDirectory Data { get; init; }

    /// <summary>Where the queues' directories are, in <see cref="Data"/>.</summary>
    public required string Directory { get; init; }

    /// <summary>The data directory of queues that are not durable: in memory.</summary>
    public required DataDirectory Transient { get; init; }

    /// <summary>What a confirmed persistent message in a durable queue survives.</summary>
    public required Durability Durability { get; init; }

    /// <summary>Bodies that several queues share.</summary>
    public required PayloadStore Payloads { get; init; }

    public required IDeadLetterTarget DeadLetters { get; init; }

    public required IQueueOwner Owner { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public QueueLimits Limits { get; init; } = new();
}

/// <summary>The limits of one queue's buffers.</summary>
internal sealed record QueueLimits
{
    /// <summary>How many publishes may wait for the loop before <see cref="Queue.WaitForRoomAsync"/> waits.</summary>
    public int InboxMessages { get; init; } = 16 * 1024;

    /// <summary>How many bytes of bodies may wait for the loop before <see cref="Queue.WaitForRoomAsync"/> waits.</summary>
    public long InboxBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many times the two above a publisher that did not wait may fill before its publishes are refused.</summary>
    public int RefusalFactor { get; init; } = 16;

    /// <summary>The size at which the loop closes a record batch and begins the next.</summary>
    public int BatchBytes { get; init; } = 64 * 1024;

    /// <summary>How much of the end of a queue is kept for readers that follow closely.</summary>
    public int TailCacheBytes { get; init; } = 1024 * 1024;

    /// <summary>The size of one read from a log.</summary>
    public int ReadBytes { get; init; } = 64 * 1024;

    /// <summary>The size of the segments of message logs; a segment is deleted once all its messages are settled.</summary>
    public int SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How much an acknowledgement log grows before it is replaced by a summary of itself.</summary>
    public int AcknowledgementLogBytes { get; init; } = 1024 * 1024;

    /// <summary>How long an at-least-once dead letter that its target refused waits before it is tried again.</summary>
    public TimeSpan DeadLetterRetry { get; init; } = TimeSpan.FromSeconds(10);
}
