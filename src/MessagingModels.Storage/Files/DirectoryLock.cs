namespace MessagingModels.Storage.Files;

/// <summary>The exclusive right to a data directory, held through an operating system lock on its <c>.lock</c> file. Dispose releases it.</summary>
public sealed class DirectoryLock : IDisposable
{
    /// <summary>The name of the locked file.</summary>
    public const string FileName = ".lock";

    private readonly IDisposable _held;

    private DirectoryLock(IDisposable held) => _held = held;

    /// <summary>Takes the lock; the directory is created where it does not exist.</summary>
    /// <exception cref="DataDirectoryInUseException">Another broker, in this process or in another one, holds it.</exception>
    public static DirectoryLock Acquire(IFileSystem fileSystem, string directory)
    {
        ArgumentNullException.ThrowIfNull(fileSystem);
        fileSystem.CreateDirectory(directory);
        string path = Path.Combine(directory, FileName);
        try
        {
            return new DirectoryLock(fileSystem.Lock(path));
        }
        catch (IOException error) when (fileSystem.FileExists(path))
        {
            throw new DataDirectoryInUseException(directory, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}
