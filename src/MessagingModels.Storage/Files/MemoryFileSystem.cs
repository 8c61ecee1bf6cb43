namespace MessagingModels.Storage.Files;

/// <summary>
/// Files in the memory of this process, gone when it ends. The same code runs over it as over the disk; reads hand out the stored bytes
/// without copying them.
/// </summary>
public sealed class MemoryFileSystem : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, MemoryFileData>> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locked = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Guid BootId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public IFile Open(string path, FileOpenMode mode)
    {
        (string directory, string name) = Split(path);
        lock (_lock)
        {
            if (!_directories.TryGetValue(directory, out Dictionary<string, MemoryFileData>? files))
                throw new DirectoryNotFoundException($"There is no directory '{directory}'.");
            if (!files.TryGetValue(name, out MemoryFileData? data) || mode == FileOpenMode.CreateEmpty)
            {
                if (mode == FileOpenMode.Existing) throw new FileNotFoundException($"There is no file '{path}'.", path);
                files[name] = data = new MemoryFileData();
            }
            return new MemoryFile(path, data);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path)
    {
        (string directory, string name) = Split(path);
        lock (_lock)
        {
            return _directories.TryGetValue(directory, out Dictionary<string, MemoryFileData>? files) && files.ContainsKey(name);
        }
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path)
    {
        lock (_lock) return _directories.ContainsKey(Normalize(path));
    }

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        (string directory, string name) = Split(path);
        lock (_lock)
        {
            if (_directories.TryGetValue(directory, out Dictionary<string, MemoryFileData>? files)) files.Remove(name);
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        (string directory, string name) = Split(path);
        (string newDirectory, string newName) = Split(newPath);
        lock (_lock)
        {
            if (!_directories.TryGetValue(directory, out Dictionary<string, MemoryFileData>? files) || !files.Remove(name, out MemoryFileData? data))
                throw new FileNotFoundException($"There is no file '{path}'.", path);
            if (!_directories.TryGetValue(newDirectory, out Dictionary<string, MemoryFileData>? newFiles))
            {
                files[name] = data;
                throw new DirectoryNotFoundException($"There is no directory '{newDirectory}'.");
            }
            newFiles[newName] = data;
        }
    }

    /// <inheritdoc/>
    public void RenameDirectory(string path, string newPath)
    {
        string from = Normalize(path), to = Normalize(newPath);
        lock (_lock)
        {
            if (!_directories.ContainsKey(from)) throw new DirectoryNotFoundException($"There is no directory '{path}'.");
            if (_directories.ContainsKey(to)) throw new IOException($"There is a directory '{newPath}' already.");
            foreach (string moved in Tree(from))
            {
                _directories.Remove(moved, out Dictionary<string, MemoryFileData>? files);
                _directories[to + moved[from.Length..]] = files!;
            }
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        string directory = Normalize(path);
        lock (_lock)
        {
            while (directory.Length > 0 && _directories.TryAdd(directory, new(StringComparer.Ordinal)))
                directory = Path.GetDirectoryName(directory) ?? "";
        }
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        lock (_lock)
        {
            foreach (string directory in Tree(Normalize(path))) _directories.Remove(directory);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<FileEntry> EnumerateFiles(string path)
    {
        lock (_lock)
        {
            if (!_directories.TryGetValue(Normalize(path), out Dictionary<string, MemoryFileData>? files))
                throw new DirectoryNotFoundException($"There is no directory '{path}'.");
            return [.. files.Select(f => new FileEntry(f.Key, f.Value.Length))];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> EnumerateDirectories(string path)
    {
        string parent = Normalize(path);
        lock (_lock)
        {
            if (!_directories.ContainsKey(parent)) throw new DirectoryNotFoundException($"There is no directory '{path}'.");
            return [.. _directories.Keys.Where(d => Path.GetDirectoryName(d) == parent).Select(d => Path.GetFileName(d))];
        }
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        // Memory has nothing below it to flush to.
    }

    /// <inheritdoc/>
    public long GetFreeSpaceInBytes(string path)
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        string name = Normalize(path);
        Open(path, FileOpenMode.OpenOrCreate).Dispose();
        lock (_lock)
        {
            if (!_locked.Add(name)) throw new IOException($"'{path}' is locked.");
        }
        return new Unlocker(this, name);
    }

    private List<string> Tree(string directory) =>
        [.. _directories.Keys.Where(d => d == directory || (d.StartsWith(directory, StringComparison.Ordinal) && d[directory.Length] == Path.DirectorySeparatorChar))];

    private static string Normalize(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static (string Directory, string Name) Split(string path)
    {
        string full = Normalize(path);
        return (Path.GetDirectoryName(full) ?? "", Path.GetFileName(full));
    }

    private sealed class Unlocker(MemoryFileSystem owner, string name) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock) owner._locked.Remove(name);
        }
    }
}
