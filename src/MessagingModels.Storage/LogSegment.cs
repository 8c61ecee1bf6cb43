using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>
/// One segment: a data file and its two indexes. One writer (the log's lock); readers take no lock but a reference, which keeps the file
/// open while the segment is deleted, and read only below the published size. The file is opened, and the indexes of a closed segment
/// are read, when they are first needed. Index files are written when the segment is closed; until then the indexes are in memory.
/// </summary>
internal sealed partial class LogSegment
{
    private readonly IFileSystem _fileSystem;
    private readonly string _directory;
    private readonly Lock _openLock = new();
    private IFile? _file;
    private Indexes? _indexes;
    private int _size;
    private int _references = 1;
    private long _firstTimestampMs = -1;
    private long _maxTimestampMs = -1;
    private long _offsetOfMaxTimestamp;
    private bool _isMaxTimestampKnown;
    private int _bytesSinceIndexEntry;
    private bool _hasFailedTail;

    public LogSegment(IFileSystem fileSystem, string directory, long baseOffset, int size)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        BaseOffset = baseOffset;
        _size = size;
        Path = LogFileNames.Of(directory, baseOffset, LogFileNames.Data);
        if (size > 0) return;
        _indexes = new Indexes(new OffsetIndex(), new TimeIndex());
        _isMaxTimestampKnown = true;
    }

    public long BaseOffset { get; }

    public string Path { get; }

    public int Size => Volatile.Read(ref _size);

    /// <summary>How much of the file has been flushed; the writer and the flusher know, under the flush lock.</summary>
    public int FlushedSize { get; set; }

    /// <summary>When the first record came in, for closing by age; null while empty.</summary>
    public DateTimeOffset? FirstAppendAt { get; set; }

    /// <summary>The greatest timestamp in the first batch, for closing by the records' own time; -1 while empty. The caller is the writer.</summary>
    public long FirstTimestampMs
    {
        get
        {
            if (_firstTimestampMs < 0 && Size > 0 && TryLocate(BaseOffset, Size, out BatchLocation first)) _firstTimestampMs = first.MaxTimestampMs;
            return _firstTimestampMs;
        }
    }

    public long MaxTimestampMs
    {
        get
        {
            if (!Volatile.Read(ref _isMaxTimestampKnown)) EnsureIndexes();
            return Volatile.Read(ref _maxTimestampMs);
        }
    }

    /// <summary>The last offset of the first batch with the greatest timestamp. Read under the log's lock.</summary>
    public long OffsetOfMaxTimestamp
    {
        get
        {
            if (!Volatile.Read(ref _isMaxTimestampKnown)) EnsureIndexes();
            return _offsetOfMaxTimestamp;
        }
    }

    /// <summary>Keeps the file open for a reader; false where the segment has been deleted.</summary>
    public bool TryAcquire()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references) return true;
            references = seen;
        }
        return false;
    }

    /// <summary>Ends a reader's hold, or the log's own; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) _file?.Dispose();
    }

    /// <summary>The data file, opened at the first use. The caller holds a reference or is the writer.</summary>
    public IFile File(FileOpenMode mode = FileOpenMode.Existing)
    {
        IFile? file = Volatile.Read(ref _file);
        if (file is not null) return file;
        lock (_openLock)
        {
            if (_file is null) Volatile.Write(ref _file, _fileSystem.Open(Path, mode));
            return _file;
        }
    }

    /// <summary>Writes batches at the end, then publishes them to readers.</summary>
    public void Append(ReadOnlySpan<byte> batches, int indexIntervalBytes)
    {
        Indexes indexes = EnsureIndexes();
        int position = _size;
        IFile file = File(FileOpenMode.OpenOrCreate);
        CutFailedTail(file);
        try
        {
            file.Write(position, batches);
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            _hasFailedTail = true;
            TryCutFailedTail(file);
            throw;
        }
        for (int offset = 0; offset < batches.Length;)
        {
            RecordBatchView batch = new(batches[offset..]);
            Index(indexes, batch, position + offset, indexIntervalBytes);
            offset += batch.SizeInBytes;
        }
        Volatile.Write(ref _size, position + batches.Length);
    }

    /// <summary>Notes a batch that is (or is about to be) in the file, exactly as Kafka's segments do.</summary>
    public void Index(RecordBatchView batch, int position, int indexIntervalBytes) => Index(_indexes!, batch, position, indexIntervalBytes);

    /// <summary>Publishes a size that a scan found. Not for a segment that has readers.</summary>
    public void SetScannedSize(int size) => Volatile.Write(ref _size, size);

    /// <summary>Starts anew with empty indexes, to be filled by a scan.</summary>
    public void ResetIndexes()
    {
        Volatile.Write(ref _indexes, new Indexes(new OffsetIndex(), new TimeIndex()));
        (_maxTimestampMs, _offsetOfMaxTimestamp, _bytesSinceIndexEntry) = (-1, 0, 0);
        Volatile.Write(ref _isMaxTimestampKnown, true);
    }

    /// <summary>Takes what a clean shutdown noted, so that neither data nor index need be read for it.</summary>
    public void RestoreMaxTimestamp(long timestampMs, long offset)
    {
        _maxTimestampMs = timestampMs;
        _offsetOfMaxTimestamp = offset;
        Volatile.Write(ref _isMaxTimestampKnown, true);
    }

    /// <summary>Cuts the data and the indexes at a batch boundary; returns the offset after the last batch left.</summary>
    public long TruncateTo(int position)
    {
        ForgetHints();
        File(FileOpenMode.OpenOrCreate).SetLength(position);
        Volatile.Write(ref _size, position);
        // A flushed cut is part of the promise: what is appended next must not be followed by what was cut.
        FlushedSize = -1;
        if (position == 0) (FirstAppendAt, _firstTimestampMs) = (null, -1);
        lock (_openLock)
        {
            Rebuild(out long nextOffset);
            return nextOffset;
        }
    }

    /// <summary>What a clean shutdown notes; a greatest timestamp that was never needed stays unknown.</summary>
    public CleanShutdownMarker.Segment ToMarker() =>
        new(BaseOffset, _size, _isMaxTimestampKnown ? _maxTimestampMs : CleanShutdownMarker.UnknownTimestamp, _offsetOfMaxTimestamp);

    /// <summary>Makes the data durable up to the size it has now.</summary>
    public void Flush()
    {
        int size = Size;
        if (size == FlushedSize) return;
        File().Flush();
        FlushedSize = size;
    }

    /// <summary>Writes the index files, with the greatest timestamp as the last entry of the time index.</summary>
    public void WriteIndexFiles(bool flush)
    {
        Indexes indexes = EnsureIndexes();
        if (_size > 0) indexes.Times.AppendIfLater(_maxTimestampMs, (int)(_offsetOfMaxTimestamp - BaseOffset));
        WriteWhole(LogFileNames.OffsetIndex, indexes.Offsets.Encode(), flush);
        WriteWhole(LogFileNames.TimeIndex, indexes.Times.Encode(), flush);
    }

    /// <summary>Removes the segment's files; readers that hold it go on reading.</summary>
    public void DeleteFiles()
    {
        _fileSystem.DeleteFile(Path);
        DeleteIndexFiles();
    }

    public void DeleteIndexFiles()
    {
        _fileSystem.DeleteFile(LogFileNames.Of(_directory, BaseOffset, LogFileNames.OffsetIndex));
        _fileSystem.DeleteFile(LogFileNames.Of(_directory, BaseOffset, LogFileNames.TimeIndex));
    }

    private void Index(Indexes indexes, RecordBatchView batch, int position, int indexIntervalBytes)
    {
        if (batch.MaxTimestamp > _maxTimestampMs)
        {
            Volatile.Write(ref _maxTimestampMs, batch.MaxTimestamp);
            _offsetOfMaxTimestamp = batch.LastOffset;
        }
        if (_bytesSinceIndexEntry > indexIntervalBytes)
        {
            indexes.Offsets.Append((int)(batch.LastOffset - BaseOffset), position);
            indexes.Times.AppendIfLater(_maxTimestampMs, (int)(_offsetOfMaxTimestamp - BaseOffset));
            _bytesSinceIndexEntry = 0;
        }
        _bytesSinceIndexEntry += batch.SizeInBytes;
    }

    // A part of a failed write must be gone before the next one: it could end in whole batches that a recovery would take for stored ones.
    private void CutFailedTail(IFile file)
    {
        if (!_hasFailedTail) return;
        file.SetLength(_size);
        _hasFailedTail = false;
    }

    private void TryCutFailedTail(IFile file)
    {
        try
        {
            CutFailedTail(file);
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            // The next append tries again before it writes.
        }
    }

    private void WriteWhole(string extension, byte[] bytes, bool flush)
    {
        using IFile file = _fileSystem.Open(LogFileNames.Of(_directory, BaseOffset, extension), FileOpenMode.CreateEmpty);
        file.Write(0, bytes);
        if (flush) file.Flush();
    }

    private sealed record Indexes(OffsetIndex Offsets, TimeIndex Times);
}
