using MessagingModels.Storage.Files;

namespace MessagingModels.Storage.Tests.Files;

/// <summary>
/// Files in memory that fail as real ones do. Every write, change of length, flush, creation, deletion and rename is a step; the file
/// system can crash at any one of them, tearing a write. It knows what a killed process leaves (everything written) and what a power
/// failure leaves: of unflushed bytes any pages, of unflushed names in a directory the first few changes.
/// Also: flushes that fail, a full disk, and a count of reads.
/// </summary>
internal sealed class FaultyFileSystem : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FaultyFileData> _files = [];
    private readonly HashSet<string> _directories = [];
    private readonly Dictionary<string, List<NameChange>> _unflushedNames = [];
    private readonly HashSet<string> _locked = [];
    private readonly Dictionary<string, int> _reads = [];
    private readonly Dictionary<string, FaultyFileData> _durableFiles = [];
    private bool _hasCrashed;

    /// <summary>Kept over a killed process, new after a power failure.</summary>
    public Guid BootId { get; private init; } = Guid.NewGuid();

    /// <summary>The step (from 1) that crashes; 0 for none.</summary>
    public int CrashAtStep { get; set; }

    /// <summary>True once it has crashed: from then on everything fails.</summary>
    public bool HasCrashed
    {
        get
        {
            lock (_lock) return _hasCrashed;
        }
    }

    /// <summary>How many steps were done.</summary>
    public int Steps { get; private set; }

    /// <summary>The steps by name, for messages.</summary>
    public List<string> Log { get; } = [];

    /// <summary>How much of a write that crashes is still written, between 0 and 1.</summary>
    public double TornFraction { get; set; }

    public bool FailFlushes { get; set; }

    public bool FailSetLength { get; set; }

    /// <summary>How much all files may hold together.</summary>
    public long CapacityInBytes { get; set; } = long.MaxValue;

    /// <summary>Called before each flush of a file or directory, outside of the lock.</summary>
    public Action<string>? BeforeFlush { get; set; }

    public int Reads(string extension) => Do(() => _reads.Where(r => r.Key.EndsWith(extension, StringComparison.Ordinal)).Sum(r => r.Value));

    public byte[] Content(string path) => Do(() => _files[path].Bytes.ToArray());

    /// <summary>Changes stored bytes behind everybody's back.</summary>
    public void Damage(string path, int position, params byte[] bytes) => Do(() =>
    {
        _files[path].Write(position, bytes);
        return 0;
    });

    /// <summary>What is left when the process is killed: everything that was written.</summary>
    public FaultyFileSystem AfterProcessKill()
    {
        lock (_lock)
        {
            FaultyFileSystem next = new() { BootId = BootId };
            next._directories.UnionWith(_directories);
            foreach ((string path, FaultyFileData data) in _files) next.Put(path, FaultyFileData.Of(data.Bytes));
            return next;
        }
    }

    /// <summary>What is left when the power fails.</summary>
    public FaultyFileSystem AfterPowerFailure(Random random)
    {
        lock (_lock)
        {
            Dictionary<string, FaultyFileData> names = new(_durableFiles);
            foreach (List<NameChange> changes in _unflushedNames.Values)
            {
                int kept = random.Next(changes.Count + 1);
                foreach (NameChange change in changes[..kept]) change.Apply(names);
            }
            FaultyFileSystem next = new();
            next._directories.UnionWith(_directories);
            foreach ((string path, FaultyFileData data) in names) next.Put(path, data.AfterPowerFailure(random));
            return next;
        }
    }

    public IFile Open(string path, FileOpenMode mode) => Do<IFile>(() =>
    {
        if (!_directories.Contains(Parent(path))) throw new DirectoryNotFoundException($"There is no directory '{Parent(path)}'.");
        bool exists = _files.TryGetValue(path, out FaultyFileData? data);
        if (!exists && mode == FileOpenMode.Existing) throw new FileNotFoundException($"There is no file '{path}'.", path);
        if (!exists) StepLocked($"create {path}", () => Change(path, new NameChange(null, path, data = new FaultyFileData())), null);
        else if (mode == FileOpenMode.CreateEmpty) StepLocked($"empty {path}", () => data!.SetLength(0), null);
        return new FaultyFile(this, path, data!);
    });

    public bool FileExists(string path) => Do(() => _files.ContainsKey(path));

    public bool DirectoryExists(string path) => Do(() => _directories.Contains(path));

    public void DeleteFile(string path)
    {
        if (FileExists(path)) Step($"delete {path}", () => Change(path, new NameChange(path, null, null)));
    }

    public void Rename(string path, string newPath) => Step($"rename {path} to {newPath}", () =>
    {
        if (!_files.TryGetValue(path, out FaultyFileData? data)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        Change(path, new NameChange(path, newPath, data));
    });

    /// <summary>A step, durable at once: whoever renames a directory flushes its parent next.</summary>
    public void RenameDirectory(string path, string newPath) => Step($"rename directory {path} to {newPath}", () =>
    {
        foreach (string directory in _directories.Where(d => IsBelow(d, path)).ToList())
        {
            _directories.Remove(directory);
            _directories.Add(newPath + directory[path.Length..]);
        }

        Move(_files, path, newPath);
        Move(_durableFiles, path, newPath);
        foreach ((string directory, List<NameChange> changes) in _unflushedNames.Where(n => IsBelow(n.Key, path)).ToList())
        {
            _unflushedNames.Remove(directory);
            _unflushedNames[newPath + directory[path.Length..]] =
                [.. changes.Select(c => new NameChange(Moved(c.OldPath, path, newPath), Moved(c.NewPath, path, newPath), c.Data))];
        }
    });

    public void CreateDirectory(string path) => Do(() =>
    {
        for (string directory = path; directory.Length > 0 && _directories.Add(directory);) directory = Parent(directory);
        return 0;
    });

    /// <summary>A step for every file and one for what is left, durable at once.</summary>
    public void DeleteDirectory(string path)
    {
        foreach (string file in Do(() => _files.Keys.Where(f => IsBelow(f, path)).ToList()))
        {
            Step($"delete {file}", () =>
            {
                _files.Remove(file);
                _durableFiles.Remove(file);
                if (_unflushedNames.TryGetValue(Parent(file), out List<NameChange>? changes)) changes.RemoveAll(c => c.NewPath == file);
            });
        }

        Step($"delete directory {path}", () =>
        {
            foreach (string directory in _directories.Where(d => IsBelow(d, path)).ToList()) _directories.Remove(directory);
        });
    }

    public IReadOnlyList<FileEntry> EnumerateFiles(string path) => Do(() =>
        (IReadOnlyList<FileEntry>)[.. _files.Where(f => Parent(f.Key) == path).Select(f => new FileEntry(Path.GetFileName(f.Key), f.Value.Length))]);

    public IReadOnlyList<string> EnumerateDirectories(string path) => Do(() =>
        (IReadOnlyList<string>)[.. _directories.Where(d => Parent(d) == path).Select(d => Path.GetFileName(d)!)]);

    public void FlushDirectory(string path)
    {
        BeforeFlush?.Invoke(path);
        Step($"flush directory {path}", () =>
        {
            if (FailFlushes) throw new IOException($"Cannot flush the directory '{path}': I/O error.");
            if (!_unflushedNames.Remove(path, out List<NameChange>? changes)) return;
            foreach (NameChange change in changes) change.Apply(_durableFiles);
        });
    }

    public long GetFreeSpaceInBytes(string path) => Do(() => CapacityInBytes - _files.Values.Sum(f => (long)f.Length));

    public IDisposable Lock(string path)
    {
        Open(path, FileOpenMode.OpenOrCreate).Dispose();
        Do(() => _locked.Add(path) ? 0 : throw new IOException($"'{path}' is locked."));
        return new Unlocker(this, path);
    }

    public T Do<T>(Func<T> operation)
    {
        lock (_lock)
        {
            if (_hasCrashed) throw new SimulatedCrashException();
            return operation();
        }
    }

    public void Step(string name, Action operation, Action? torn = null)
    {
        if (name.StartsWith("flush ", StringComparison.Ordinal)) BeforeFlush?.Invoke(name);
        lock (_lock) StepLocked(name, operation, torn);
    }

    public int TornBytes(int length) => (int)(length * TornFraction);

    /// <summary>How many of the bytes do not fit on the disk any more.</summary>
    public int Reserve(int growth)
    {
        long free = CapacityInBytes - _files.Values.Sum(f => (long)f.Length);
        return (int)Math.Clamp(growth - free, 0, Math.Max(0, growth));
    }

    public void CountRead(string path) => _reads[path] = _reads.GetValueOrDefault(path) + 1;

    private void StepLocked(string name, Action operation, Action? torn)
    {
        if (_hasCrashed) throw new SimulatedCrashException();
        Steps++;
        Log.Add(name);
        if (Steps == CrashAtStep)
        {
            torn?.Invoke();
            _hasCrashed = true;
            throw new SimulatedCrashException();
        }
        operation();
    }

    private void Put(string path, FaultyFileData data)
    {
        _files[path] = data;
        _durableFiles[path] = data;
    }

    private void Change(string path, NameChange change)
    {
        change.Apply(_files);
        if (!_unflushedNames.TryGetValue(Parent(path), out List<NameChange>? changes)) _unflushedNames[Parent(path)] = changes = [];
        changes.Add(change);
    }

    private static bool IsBelow(string path, string directory) => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static string? Moved(string? path, string from, string to) => path is null ? null : to + path[from.Length..];

    private static void Move(Dictionary<string, FaultyFileData> names, string from, string to)
    {
        foreach (string path in names.Keys.Where(name => IsBelow(name, from)).ToList())
        {
            names.Remove(path, out FaultyFileData? data);
            names[to + path[from.Length..]] = data!;
        }
    }

    private static string Parent(string path) => Path.GetDirectoryName(path) ?? "";

    /// <summary>A name that goes (old), a name that comes (new), or both at once.</summary>
    private sealed record NameChange(string? OldPath, string? NewPath, FaultyFileData? Data)
    {
        public void Apply(Dictionary<string, FaultyFileData> names)
        {
            if (OldPath is not null) names.Remove(OldPath);
            if (NewPath is not null) names[NewPath] = Data!;
        }
    }

    private sealed class Unlocker(FaultyFileSystem owner, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock) owner._locked.Remove(path);
        }
    }
}
