using System.IO.Enumeration;

namespace MessagingModels.Storage.Files;

/// <summary>The files of the operating system.</summary>
public sealed class DiskFileSystem : IFileSystem
{
    private DiskFileSystem() { }

    /// <summary>The one instance; it has no state.</summary>
    public static DiskFileSystem Instance { get; } = new();

    /// <inheritdoc/>
    public Guid BootId { get; } = ReadBootId();

    /// <inheritdoc/>
    public IFile Open(string path, FileOpenMode mode)
    {
        FileMode fileMode = mode switch
        {
            FileOpenMode.Existing => FileMode.Open,
            FileOpenMode.OpenOrCreate => FileMode.OpenOrCreate,
            _ => FileMode.Create,
        };
        try
        {
            return new DiskFile(path, File.OpenHandle(path, fileMode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (IOException error) when (DiskErrors.IsFull(error))
        {
            throw new StorageFullException(path, error);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Where there is no directory there is no file either.
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => DiskErrors.Translate(newPath, (path, newPath), static p => File.Move(p.path, p.newPath, overwrite: true));

    /// <inheritdoc/>
    public void RenameDirectory(string path, string newPath) => DiskErrors.Translate(newPath, (path, newPath), static p => Directory.Move(p.path, p.newPath));

    /// <inheritdoc/>
    public void CreateDirectory(string path) => DiskErrors.Translate(path, path, static p => Directory.CreateDirectory(p));

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Already gone, which is what the caller wants.
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<FileEntry> EnumerateFiles(string path) =>
    [
        .. new FileSystemEnumerable<FileEntry>(path, static (ref FileSystemEntry e) => new FileEntry(e.FileName.ToString(), e.Length), Everything)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry e) => !e.IsDirectory,
        },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> EnumerateDirectories(string path) =>
    [
        .. new FileSystemEnumerable<string>(path, static (ref FileSystemEntry e) => e.FileName.ToString(), Everything)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry e) => e.IsDirectory,
        },
    ];

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsWindows()) UnixDirectory.Flush(path);
    }

    /// <inheritdoc/>
    public long GetFreeSpaceInBytes(string path) => new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;

    /// <inheritdoc/>
    public IDisposable Lock(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static Guid ReadBootId()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return OperatingSystem.IsLinux() && File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out Guid id) ? id : Guid.Empty;
    }

    // Hidden files too: the lock and the markers begin with a dot.
    private static EnumerationOptions Everything { get; } = new() { AttributesToSkip = 0, RecurseSubdirectories = false };
}
