namespace MessagingModels.Kafka.Consuming;

/// <summary>A partition as one consumer reads it. Guarded by the lock of its <see cref="ConsumedPartitions"/>.</summary>
internal sealed class ConsumedPartition(TopicPartition id, long position)
{
    /// <summary>In place of a position that nobody has set and no policy gives: reading fails until one is sought.</summary>
    public const long NoPosition = -1;

    /// <summary>In place of a position that the library looks up itself.</summary>
    public const long Unknown = -2;

    public TopicPartition Id { get; } = id;

    public Client.TopicPartition ClientId { get; } = new(id.Topic, id.Partition);

    /// <summary>The next offset that will be handed out.</summary>
    public long Position { get; set; } = position;

    /// <summary>The position of the last commit, or that of the start.</summary>
    public long Committed { get; set; } = position;

    public bool IsPaused { get; set; }

    /// <summary>True until the library has taken the assignment: positions and pauses go with it, or follow it.</summary>
    public bool IsStarting { get; set; }

    /// <summary>True where records were taken from the library that are to be read again.</summary>
    public bool NeedsSeek { get; set; }

    /// <summary>Why there is no position.</summary>
    public string Reason { get; set; } = "no offset is committed for it";

    /// <summary>Counts up when what is buffered is no longer wanted.</summary>
    public int Epoch { get; set; }

    public int Buffered { get; set; }

    /// <summary>Where the library saw the end: past control records, which are not handed out.</summary>
    public long EndSeen { get; set; }
}
