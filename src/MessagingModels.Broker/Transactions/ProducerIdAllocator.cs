using System.Buffers.Binary;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Transactions;

/// <summary>
/// Gives out producer ids, each once in the life of the data directory. Blocks of ids are reserved in a file; what is left of a block
/// when the broker ends is never used. Thread-safe.
/// </summary>
internal sealed class ProducerIdAllocator
{
    public const string FileName = "producer-ids";

    private const long BlockSize = 1000;

    private readonly CheckpointFile _file;
    private readonly bool _flush;
    private readonly Lock _gate = new();
    private long _next;
    private long _reserved;

    /// <summary>Reads what was reserved. Where the file is damaged, no id is given out: it might be one that was given before.</summary>
    public ProducerIdAllocator(IFileSystem fileSystem, string directory, Durability durability)
    {
        _flush = durability == Durability.Fsync;
        _file = new CheckpointFile(fileSystem, Path.Combine(directory, FileName));
        try
        {
            byte[]? content = _file.Read();
            if (content is { Length: not sizeof(long) })
                throw new CheckpointCorruptedException(_file.FilePath, $"it holds {content.Length} bytes where {sizeof(long)} are expected");
            _next = _reserved = content is null ? 0 : BinaryPrimitives.ReadInt64BigEndian(content);
        }
        catch (CheckpointCorruptedException error)
        {
            Failure = new StorageException(
                $"{error.Message} It says which producer ids were given out, so none is given until it is back and the broker was started again.", error);
        }
    }

    /// <summary>The damage for which no id is given out; null while the file is sound.</summary>
    public StorageException? Failure { get; }

    /// <summary>Gives out no id up to one that is known to be in use.</summary>
    public void SkipTo(long usedId)
    {
        lock (_gate)
        {
            if (usedId >= _next) _next = _reserved = usedId + 1;
        }
    }

    /// <exception cref="StorageException">The next block cannot be reserved.</exception>
    /// <exception cref="IOException">The next block cannot be reserved.</exception>
    public long Allocate()
    {
        if (Failure is not null) throw new StorageException(Failure.Message, Failure);
        lock (_gate)
        {
            if (_next == _reserved)
            {
                Span<byte> content = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteInt64BigEndian(content, _reserved + BlockSize);
                _file.Write(content, _flush);
                _reserved += BlockSize;
            }

            return _next++;
        }
    }
}
