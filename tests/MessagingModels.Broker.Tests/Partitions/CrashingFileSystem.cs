using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Partitions;

/// <summary>
/// Files in memory whose user dies at a chosen change of them: that change and all later ones fail, what was written before stays.
/// Flushes can be held up.
/// </summary>
internal sealed class CrashingFileSystem(IFileSystem files) : IFileSystem
{
    private int _changes;

    /// <summary>The change (from 1) that is not made any more; 0 for none.</summary>
    public int CrashAt { get; init; }

    public bool HasCrashed { get; private set; }

    /// <summary>Called before each flush of a file.</summary>
    public Action? BeforeFlush { get; set; }

    public Guid BootId => files.BootId;

    public IFile Open(string path, FileOpenMode mode)
    {
        if (mode == FileOpenMode.CreateEmpty || !files.FileExists(path)) Change();
        return new CrashingFile(this, files.Open(path, mode));
    }

    public bool FileExists(string path) => files.FileExists(path);

    public bool DirectoryExists(string path) => files.DirectoryExists(path);

    public void DeleteFile(string path)
    {
        Change();
        files.DeleteFile(path);
    }

    public void Rename(string path, string newPath)
    {
        Change();
        files.Rename(path, newPath);
    }

    public void RenameDirectory(string path, string newPath)
    {
        Change();
        files.RenameDirectory(path, newPath);
    }

    public void CreateDirectory(string path)
    {
        if (!files.DirectoryExists(path)) Change();
        files.CreateDirectory(path);
    }

    // A directory goes file by file, so a crash may leave any of them.
    public void DeleteDirectory(string path)
    {
        if (!files.DirectoryExists(path)) return;
        foreach (FileEntry file in files.EnumerateFiles(path)) DeleteFile(Path.Combine(path, file.Name));
        Change();
        files.DeleteDirectory(path);
    }

    public IReadOnlyList<FileEntry> EnumerateFiles(string path) => files.EnumerateFiles(path);

    public IReadOnlyList<string> EnumerateDirectories(string path) => files.EnumerateDirectories(path);

    public void FlushDirectory(string path) => files.FlushDirectory(path);

    public long GetFreeSpaceInBytes(string path) => files.GetFreeSpaceInBytes(path);

    public IDisposable Lock(string path) => files.Lock(path);

    private void Change()
    {
        HasCrashed |= ++_changes == CrashAt;
        if (HasCrashed) throw new IOException("The process has crashed.");
    }

    private sealed class CrashingFile(CrashingFileSystem owner, IFile file) : IFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            owner.Change();
            file.Write(position, bytes);
        }

        public int Read(long position, Span<byte> destination) => file.Read(position, destination);

        public ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer)
            => file.ReadMemory(position, minLength, maxLength, buffer);

        public void SetLength(long length)
        {
            owner.Change();
            file.SetLength(length);
        }

        public void Flush()
        {
            owner.BeforeFlush?.Invoke();
            file.Flush();
        }

        public void Dispose() => file.Dispose();
    }
}
