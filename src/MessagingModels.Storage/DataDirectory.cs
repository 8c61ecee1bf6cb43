using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>
/// A directory that holds logs: its lock, its health and the one flusher that its logs share. Thread-safe. Close the logs first, then this.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly DirectoryLock _lock;

    private DataDirectory(IFileSystem fileSystem, string path)
    {
        FileSystem = fileSystem;
        Path = path;
        Health = new StoreHealth(path);
        _lock = DirectoryLock.Acquire(fileSystem, path);
        Commits = new GroupCommit(path);
    }

    /// <summary>The files below.</summary>
    public IFileSystem FileSystem { get; }

    /// <summary>Where the directory is.</summary>
    public string Path { get; }

    /// <summary>Whether the directory can still be trusted.</summary>
    public StoreHealth Health { get; }

    internal GroupCommit Commits { get; }

    /// <summary>Opens and locks a directory; it is created where it does not exist.</summary>
    /// <exception cref="DataDirectoryInUseException">Another broker has it open.</exception>
    public static DataDirectory Open(IFileSystem fileSystem, string path)
    {
        ArgumentNullException.ThrowIfNull(fileSystem);
        return new DataDirectory(fileSystem, path);
    }

    /// <summary>A directory of its own in memory, gone when the process ends.</summary>
    public static DataDirectory InMemory() => new(new MemoryFileSystem(), System.IO.Path.GetFullPath("/memory"));

    /// <summary>Ends the flusher, after it has served all who wait, and unlocks the directory.</summary>
    public void Dispose()
    {
        Commits.Dispose();
        _lock.Dispose();
    }
}
