using System.Buffers.Binary;
using MessagingModels.Formats.Records;

namespace MessagingModels.Storage.Files;

/// <summary>
/// A small file that is replaced as a whole, so that a crash leaves either the old content or the new. One writer at a time.
/// Layout: CRC-32C of the content (4 bytes), length of the content (4 bytes), both big-endian, then the content.
/// </summary>
public sealed class CheckpointFile
{
    private const int HeaderBytes = 8;
    private const string TemporarySuffix = ".tmp";

    private readonly IFileSystem _fileSystem;
    private readonly string _directory;

    /// <summary>A checkpoint at a path, which need not exist yet; its directory must.</summary>
    public CheckpointFile(IFileSystem fileSystem, string path)
    {
        _fileSystem = fileSystem;
        FilePath = path;
        _directory = Path.GetDirectoryName(path) ?? "";
    }

    /// <summary>Where the checkpoint is.</summary>
    public string FilePath { get; }

    /// <summary>Replaces the content.</summary>
    /// <param name="content">The new content.</param>
    /// <param name="flush">Whether the new content must survive a power failure when this returns.</param>
    /// <exception cref="StorageFullException">There is no room; the old content stands.</exception>
    /// <exception cref="IOException">A write or a flush failed; the old content stands, or the new.</exception>
    public void Write(ReadOnlySpan<byte> content, bool flush)
    {
        byte[] bytes = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Crc32C.Compute(content));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), content.Length);
        content.CopyTo(bytes.AsSpan(HeaderBytes));
        string temporary = FilePath + TemporarySuffix;
        using (IFile file = _fileSystem.Open(temporary, FileOpenMode.CreateEmpty))
        {
            file.Write(0, bytes);
            if (flush) file.Flush();
        }
        _fileSystem.Rename(temporary, FilePath);
        if (flush) _fileSystem.FlushDirectory(_directory);
    }

    /// <summary>The content, or null where nothing was written yet.</summary>
    /// <exception cref="CheckpointCorruptedException">The file holds something else than what was written.</exception>
    public byte[]? Read()
    {
        if (!_fileSystem.FileExists(FilePath)) return null;
        using IFile file = _fileSystem.Open(FilePath, FileOpenMode.Existing);
        byte[] bytes = new byte[file.Length];
        if (bytes.Length < HeaderBytes || file.Read(0, bytes) < bytes.Length)
            throw new CheckpointCorruptedException(FilePath, $"it has {bytes.Length} bytes, too few for a header");
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4));
        if (length != bytes.Length - HeaderBytes)
            throw new CheckpointCorruptedException(FilePath, $"it holds {bytes.Length - HeaderBytes} bytes of content where {length} were written");
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(bytes), found = Crc32C.Compute(bytes.AsSpan(HeaderBytes));
        if (expected != found)
            throw new CheckpointCorruptedException(FilePath, $"CRC expected 0x{expected:x8}, found 0x{found:x8}");
        return bytes[HeaderBytes..];
    }

    /// <summary>Removes the checkpoint.</summary>
    /// <param name="flush">Whether it must be gone after a power failure when this returns.</param>
    public void Delete(bool flush)
    {
        _fileSystem.DeleteFile(FilePath);
        if (flush) _fileSystem.FlushDirectory(_directory);
    }
}
