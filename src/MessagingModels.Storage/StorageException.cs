namespace MessagingModels.Storage;

/// <summary>The base of every error that the storage engine reports.</summary>
public class StorageException : Exception
{
    /// <summary>Creates the error.</summary>
    public StorageException(string message, Exception? innerException = null) : base(message, innerException) { }
}

/// <summary>The disk (or the quota) that holds the data directory is full. What was acknowledged is safe; appends succeed again when space is back.</summary>
public sealed class StorageFullException : StorageException
{
    /// <summary>Creates the error for the file that could not grow.</summary>
    public StorageFullException(string path, Exception? innerException = null)
        : base($"No space left to write '{path}'. Free disk space or shorten retention; appends succeed again once there is room.", innerException) => Path = path;

    /// <summary>The file that could not be written.</summary>
    public string Path { get; }
}

/// <summary>
/// A flush failed, so nobody knows any more what the disk holds. Fatal for the whole data directory: every later append and flush on
/// any log in it fails with this error until the process opens the directory again and recovers it.
/// </summary>
public sealed class BrokenStoreException : StorageException
{
    /// <summary>Creates the error for a data directory and the failure that broke it.</summary>
    public BrokenStoreException(string directory, Exception cause)
        : base($"The data directory '{directory}' is broken: {cause?.Message} Check the disk, then open the directory again; it recovers what was durable.", cause) =>
        Directory = directory;

    /// <summary>The data directory that is broken.</summary>
    public string Directory { get; }
}

/// <summary>Another broker, in this process or in another one, has the data directory open.</summary>
public sealed class DataDirectoryInUseException : StorageException
{
    /// <summary>Creates the error for a locked data directory.</summary>
    public DataDirectoryInUseException(string directory, Exception? innerException = null)
        : base($"The data directory '{directory}' is in use by another broker. Stop that broker, or give this one a directory of its own.", innerException) =>
        Directory = directory;

    /// <summary>The data directory that is in use.</summary>
    public string Directory { get; }
}

/// <summary>Stored data is damaged in a place where a crash cannot have damaged it. Stops the one log it names; nothing was cut.</summary>
public sealed class LogCorruptedException : StorageException
{
    /// <summary>Creates the error for a place in a segment file.</summary>
    public LogCorruptedException(string path, long position, string reason, uint? expectedCrc = null, uint? foundCrc = null)
        : base(Describe(path, position, reason, expectedCrc, foundCrc))
    {
        Path = path;
        Position = position;
        ExpectedCrc = expectedCrc;
        FoundCrc = foundCrc;
    }

    /// <summary>The damaged segment file.</summary>
    public string Path { get; }

    /// <summary>Where in the file the damaged batch begins, in bytes.</summary>
    public long Position { get; }

    /// <summary>The CRC-32C that the batch header states, where the damage is a checksum that does not match.</summary>
    public uint? ExpectedCrc { get; }

    /// <summary>The CRC-32C of the bytes found, where the damage is a checksum that does not match.</summary>
    public uint? FoundCrc { get; }

    private static string Describe(string path, long position, string reason, uint? expectedCrc, uint? foundCrc)
    {
        string crc = expectedCrc is null ? "" : $" (CRC expected 0x{expectedCrc:x8}, found 0x{foundCrc:x8})";
        return $"'{path}' is damaged at byte {position}: {reason}{crc}. Nothing was removed. Restore the file from a copy, or move the log's directory away.";
    }
}

/// <summary>A read or a truncation names an offset that the log does not hold.</summary>
public sealed class OffsetOutOfRangeException : StorageException
{
    /// <summary>Creates the error for an offset outside of [start, end].</summary>
    public OffsetOutOfRangeException(long offset, long logStartOffset, long nextOffset)
        : base($"Offset {offset} is outside of the log, which holds {logStartOffset} to {nextOffset} (exclusive).")
    {
        Offset = offset;
        LogStartOffset = logStartOffset;
        NextOffset = nextOffset;
    }

    /// <summary>The offset asked for.</summary>
    public long Offset { get; }

    /// <summary>The first offset that the log held.</summary>
    public long LogStartOffset { get; }

    /// <summary>The offset that the next append would have got.</summary>
    public long NextOffset { get; }
}

/// <summary>The batches of one append do not fit in one segment (Kafka: RECORD_LIST_TOO_LARGE, 18).</summary>
public sealed class RecordBatchesTooLargeException : StorageException
{
    /// <summary>Creates the error for a size and its limit, both in bytes.</summary>
    public RecordBatchesTooLargeException(long sizeInBytes, long limitInBytes)
        : base($"The batches are {sizeInBytes} bytes, more than a segment holds ({limitInBytes}). Send smaller batches or raise the segment size.")
    {
        SizeInBytes = sizeInBytes;
        LimitInBytes = limitInBytes;
    }

    /// <summary>The size of the batches given.</summary>
    public long SizeInBytes { get; }

    /// <summary>The most that one append may hold.</summary>
    public long LimitInBytes { get; }
}

/// <summary>A checkpoint file holds something else than what was written to it.</summary>
public sealed class CheckpointCorruptedException : StorageException
{
    /// <summary>Creates the error for a checkpoint file.</summary>
    public CheckpointCorruptedException(string path, string reason) : base($"The checkpoint '{path}' is damaged: {reason}. Restore the file from a copy.") => Path = path;

    /// <summary>The damaged file.</summary>
    public string Path { get; }
}
