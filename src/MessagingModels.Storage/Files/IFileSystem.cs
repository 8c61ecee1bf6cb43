namespace MessagingModels.Storage.Files;

/// <summary>How a file is opened.</summary>
public enum FileOpenMode
{
    /// <summary>The file exists; <see cref="FileNotFoundException"/> otherwise.</summary>
    Existing,

    /// <summary>The file is created where it does not exist.</summary>
    OpenOrCreate,

    /// <summary>The file is created, or emptied where it exists.</summary>
    CreateEmpty,
}

/// <summary>A file in a directory listing.</summary>
/// <param name="Name">The name without its directory.</param>
/// <param name="SizeInBytes">The length of the file.</param>
public readonly record struct FileEntry(string Name, long SizeInBytes);

/// <summary>
/// The operating system's files as far as the storage engine needs them: the real disk, or memory. Thread-safe.
/// What is written survives the end of the process at once, and a power failure only after <see cref="IFile.Flush"/>;
/// a created, renamed or deleted name survives a power failure only after <see cref="FlushDirectory"/>.
/// Every operation throws <see cref="StorageFullException"/> where space is short and <see cref="IOException"/>,
/// naming the path, for anything else.
/// </summary>
public interface IFileSystem
{
    /// <summary>
    /// Stays the same for as long as what was written without a flush cannot have been lost: until the machine starts anew.
    /// Empty where that cannot be told.
    /// </summary>
    Guid BootId { get; }

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileNotFoundException">The mode is <see cref="FileOpenMode.Existing"/> and there is no such file.</exception>
    IFile Open(string path, FileOpenMode mode);

    /// <summary>Whether there is such a file.</summary>
    bool FileExists(string path);

    /// <summary>Whether there is such a directory.</summary>
    bool DirectoryExists(string path);

    /// <summary>Deletes a file; nothing happens where there is none. Open handles stay readable.</summary>
    void DeleteFile(string path);

    /// <summary>Renames a file within its file system in one step, replacing a file that has the new name.</summary>
    void Rename(string path, string newPath);

    /// <summary>Renames a directory in one step; the new name must be free.</summary>
    void RenameDirectory(string path, string newPath);

    /// <summary>Creates a directory and its parents where they do not exist.</summary>
    void CreateDirectory(string path);

    /// <summary>Deletes a directory with all it holds; nothing happens where there is none.</summary>
    void DeleteDirectory(string path);

    /// <summary>The files directly in a directory, in no particular order.</summary>
    IReadOnlyList<FileEntry> EnumerateFiles(string path);

    /// <summary>The names of the directories directly in a directory, in no particular order.</summary>
    IReadOnlyList<string> EnumerateDirectories(string path);

    /// <summary>Makes the names in a directory survive a power failure.</summary>
    void FlushDirectory(string path);

    /// <summary>The bytes still free for the volume that holds the path.</summary>
    long GetFreeSpaceInBytes(string path);

    /// <summary>Creates the file where needed and locks it until the result is disposed or the process ends.</summary>
    /// <exception cref="IOException">Somebody else holds the lock.</exception>
    IDisposable Lock(string path);
}

/// <summary>An open file. One writer at a time, any number of readers beside it; a reader reads only below a length that the writer has published.</summary>
public interface IFile : IDisposable
{
    /// <summary>The path that the file was opened by.</summary>
    string Path { get; }

    /// <summary>The length in bytes, with all that was written so far.</summary>
    long Length { get; }

    /// <summary>Writes all bytes at a position; the file grows as needed. A failed write may leave a part behind.</summary>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Reads up to the length of the destination; fewer only at the end of the file.</summary>
    int Read(long position, Span<byte> destination);

    /// <summary>
    /// Reads between <paramref name="minLength"/> and <paramref name="maxLength"/> bytes, without copying where the file is in memory
    /// and they lie together, else into <paramref name="buffer"/> where it has room for all of them, else into a fresh array.
    /// Later writes do not change what was handed out. Fewer only at the end of the file.
    /// </summary>
    ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer = default);

    /// <summary>Cuts the file, or extends it by zeros.</summary>
    void SetLength(long length);

    /// <summary>Makes everything written so far survive a power failure.</summary>
    void Flush();
}
