namespace MessagingModels.Formats.Records;

/// <summary>Whose clock the timestamps of a batch come from: bit 3 of its attributes (KIP-32).</summary>
public enum TimestampType : byte
{
    /// <summary>The producer's; every record has its own.</summary>
    CreateTime = 0,

    /// <summary>The broker's at the append; all records of the batch have the batch's maximum timestamp.</summary>
    LogAppendTime = 1,
}
