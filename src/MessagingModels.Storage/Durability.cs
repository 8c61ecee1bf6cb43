namespace MessagingModels.Storage;

/// <summary>What an acknowledged write survives.</summary>
public enum Durability
{
    /// <summary>Lost when the process ends.</summary>
    Memory,

    /// <summary>Survives a killed process, not a power failure.</summary>
    PageCache,

    /// <summary>Survives a power failure: the acknowledgement waits for a flush that it shares with all who wait.</summary>
    Fsync,
}
