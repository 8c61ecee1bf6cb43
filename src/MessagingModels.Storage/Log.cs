using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Storage;

/// <summary>
/// A log of record batches in segments. Thread-safe: an internal lock lets one writer in at a time; readers take no lock and see only
/// what is completely written. Offsets are exclusive at the end: <see cref="NextOffset"/> is the first that is not there yet.
/// Every member that writes throws <see cref="BrokenStoreException"/> once a flush in the data directory has failed, and
/// <see cref="StorageFullException"/> where the disk is full; after the latter the log goes on when there is room again.
/// </summary>
public sealed partial class Log : IAsyncDisposable
{
    private readonly DataDirectory _store;
    private readonly IFileSystem _fileSystem;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CheckpointFile _checkpointFile;
    private readonly CheckpointFile _markerFile;
    private readonly Durability _durability;

    // Taken in this order: write, flush, checkpoint.
    private readonly Lock _writeLock = new();
    private readonly Lock _flushLock = new();
    private readonly Lock _checkpointLock = new();

    private volatile LogSegment[] _segments;
    private volatile LogOptions _options;
    private LogCheckpoint _checkpoint;
    private long _logStartOffset;
    private long _nextOffset;
    private long _durableOffset;
    private long _truncations;
    private bool _isMarkedClean;
    private bool _isClosed;
    private volatile bool _hasUnflushedNames;
    private volatile bool _hasUnflushedDirectory;

    private Log(DataDirectory store, string directory, LogOptions options, TimeProvider time, ILogger logger)
    {
        _store = store;
        _fileSystem = store.FileSystem;
        _time = time;
        _logger = logger;
        _options = options;
        _durability = options.Durability;
        Directory = directory;
        _checkpointFile = new CheckpointFile(_fileSystem, Path.Combine(directory, LogFileNames.Checkpoint));
        _markerFile = new CheckpointFile(_fileSystem, Path.Combine(directory, LogFileNames.CleanShutdown));
        _fileSystem.CreateDirectory(directory);

        RecoveredLog recovered = new LogRecovery(_fileSystem, directory, options, time, logger).Recover();
        _segments = recovered.Segments;
        _checkpoint = recovered.Checkpoint;
        _isMarkedClean = recovered.WasClean;
        _hasUnflushedDirectory = _hasUnflushedNames = !recovered.WasFlushed;
        _nextOffset = _durableOffset = recovered.NextOffset;
        _logStartOffset = Math.Min(Math.Max(recovered.Checkpoint.LogStartOffset, _segments[0].BaseOffset), _nextOffset);
    }

    /// <summary>Where the log's files are.</summary>
    public string Directory { get; }

    /// <summary>The settings; set a changed copy to have it take effect. The durability stays what it was when the log was opened.</summary>
    public LogOptions Options
    {
        get => _options;
        set => _options = value with { Durability = _durability };
    }

    /// <summary>The first offset that can be read.</summary>
    public long LogStartOffset => Volatile.Read(ref _logStartOffset);

    /// <summary>The offset that the next record gets.</summary>
    public long NextOffset => Volatile.Read(ref _nextOffset);

    /// <summary>Every record below has the log's durability: all of them, but for <see cref="Durability.Fsync"/>, where it is what has been flushed.</summary>
    public long DurableOffset => _durability == Durability.Fsync ? Volatile.Read(ref _durableOffset) : NextOffset;

    /// <summary>The size of the data of all segments.</summary>
    public long SizeInBytes
    {
        get
        {
            long size = 0;
            foreach (LogSegment segment in _segments) size += segment.Size;
            return size;
        }
    }

    /// <summary>The segments, oldest first; the last one is being written.</summary>
    public IReadOnlyList<SegmentInfo> Segments
    {
        get
        {
            LogSegment[] segments = _segments;
            SegmentInfo[] infos = new SegmentInfo[segments.Length];
            for (int i = 0; i < segments.Length; i++)
            {
                long next = i + 1 < segments.Length ? segments[i + 1].BaseOffset : NextOffset;
                infos[i] = new SegmentInfo(segments[i].BaseOffset, next, segments[i].Size);
            }
            return infos;
        }
    }

    private LogSegment Active => _segments[^1];

    /// <summary>Opens a log, recovering it where it was not closed cleanly; creates it where there is none.</summary>
    /// <param name="store">The open data directory, which must outlive the log.</param>
    /// <param name="directory">The log's own directory, by convention <c>topic-partition</c> in the data directory.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock for ages; the system's where null.</param>
    /// <param name="logger">Told what a recovery cut.</param>
    /// <exception cref="LogCorruptedException">Stored data is damaged where a crash cannot have damaged it.</exception>
    public static Log Open(DataDirectory store, string directory, LogOptions? options = null, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        store.Health.ThrowIfBroken();
        Log log = new(store, directory, options ?? new LogOptions(), time ?? TimeProvider.System, logger ?? NullLogger.Instance);
        if (log._durability == Durability.PageCache && log._segments.Length > 1 && log.HasUnflushedClosedSegments) store.Commits.RequestFlush(log);
        return log;
    }

    /// <summary>
    /// Completes once every record below an offset has the log's durability: at once for <see cref="Durability.Memory"/> and
    /// <see cref="Durability.PageCache"/>, after the flush that all who wait share for <see cref="Durability.Fsync"/>.
    /// </summary>
    /// <param name="upToOffset">Exclusive: <see cref="LogAppendResult.LastOffset"/> + 1 waits for that append.</param>
    /// <param name="cancellation">Ends the waiting, not the flush. Passing one that can be cancelled costs allocations.</param>
    /// <exception cref="BrokenStoreException">The flush failed, now or earlier.</exception>
    public ValueTask WaitDurableAsync(long upToOffset, CancellationToken cancellation = default)
    {
        _store.Health.ThrowIfBroken();
        if (_durability != Durability.Fsync || upToOffset <= Volatile.Read(ref _durableOffset)) return ValueTask.CompletedTask;
        return Cancellable(_store.Commits.WaitAsync(this, upToOffset), cancellation);
    }

    /// <summary>Makes everything appended so far survive a power failure, whatever the log's durability (nothing can for <see cref="Durability.Memory"/>).</summary>
    /// <exception cref="BrokenStoreException">The flush failed, now or earlier.</exception>
    public ValueTask FlushAsync(CancellationToken cancellation = default) => _durability switch
    {
        Durability.Memory => ValueTask.CompletedTask,
        Durability.Fsync => WaitDurableAsync(NextOffset, cancellation),
        _ => Cancellable(_store.Commits.WaitAsync(this, long.MaxValue), cancellation),
    };

    /// <summary>Closes the log and notes that it was closed cleanly, so that the next opening reads none of its data.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_writeLock)
        {
            if (_isClosed) return ValueTask.CompletedTask;
            if (!_isMarkedClean && !_store.Health.IsBroken) MarkClean();
            Retire();
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the log and deletes its directory with all it holds.</summary>
    public void Delete()
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            Retire();
            _fileSystem.DeleteDirectory(Directory);
            if (_durability == Durability.Fsync) _fileSystem.FlushDirectory(Path.GetDirectoryName(Directory)!);
        }
    }

    private static ValueTask Cancellable(ValueTask wait, CancellationToken cancellation) =>
        cancellation.CanBeCanceled && !wait.IsCompleted ? new ValueTask(wait.AsTask().WaitAsync(cancellation)) : wait;

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        _store.Health.ThrowIfBroken();
    }

    private void Retire()
    {
        lock (_flushLock)
        {
            _isClosed = true;
            foreach (LogSegment segment in _segments) segment.Release();
        }
    }

    private void MarkClean()
    {
        try
        {
            if (Active.Size > 0) Active.WriteIndexFiles(flush: false);
            // Under PageCache a restart trusts the page cache for as long as the machine is up; flushing many logs would take many seconds.
            bool mustFlush = _durability == Durability.Fsync || (_durability == Durability.PageCache && _fileSystem.BootId == Guid.Empty);
            if (mustFlush) FlushToDisk();
            LogSegment[] segments = _segments;
            CleanShutdownMarker marker = new(
                mustFlush ? Guid.Empty : _fileSystem.BootId, NextOffset, Active.FirstAppendAt?.ToUnixTimeMilliseconds() ?? -1, Array.ConvertAll(segments, static s => s.ToMarker()));
            marker.Write(_markerFile, flush: mustFlush);
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            LogNotMarkedClean(_logger, Directory, error);
        }
    }

    // The marker speaks of the files as they were: it goes before the first change to them.
    private void BeginChange()
    {
        if (!_isMarkedClean) return;
        _markerFile.Delete(flush: _durability == Durability.Fsync);
        _isMarkedClean = false;
    }

    private void UpdateCheckpoint(long? recoveryPoint = null, long? logStartOffset = null, long? firstDirtyOffset = null)
    {
        lock (_checkpointLock)
        {
            LogCheckpoint next = new(
                recoveryPoint ?? _checkpoint.RecoveryPoint,
                logStartOffset ?? _checkpoint.LogStartOffset,
                firstDirtyOffset ?? _checkpoint.FirstDirtyOffset);
            if (next == _checkpoint) return;
            next.Write(_checkpointFile, flush: _durability == Durability.Fsync);
            _checkpoint = next;
        }
    }

    private static int IndexOf(LogSegment[] segments, long offset)
    {
        int low = 0, high = segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].BaseOffset <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Directory} could not be marked as closed cleanly; the next opening recovers it")]
    private static partial void LogNotMarkedClean(ILogger logger, string directory, Exception error);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Directory}: the recovery point could not be written; the next recovery scans more")]
    private static partial void LogNoRecoveryPoint(ILogger logger, string directory, Exception error);
}
