using System.Buffers;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>Writes what compaction keeps of a group of segments into one new file, and its indexes into memory. For one thread.</summary>
internal sealed class CompactedSegmentWriter : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private readonly IFileSystem _fileSystem;
    private readonly IFile _file;
    private readonly int _indexIntervalBytes;
    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes);
    private int _written;

    public CompactedSegmentWriter(IFileSystem fileSystem, string directory, long baseOffset, int indexIntervalBytes)
    {
        _fileSystem = fileSystem;
        _indexIntervalBytes = indexIntervalBytes;
        CleanedPath = LogFileNames.Of(directory, baseOffset, LogFileNames.Data + LogFileNames.Cleaned);
        Segment = new LogSegment(fileSystem, directory, baseOffset, size: 0);
        _file = fileSystem.Open(CleanedPath, FileOpenMode.CreateEmpty);
    }

    public string CleanedPath { get; }

    /// <summary>The segment to be; its data file has its name only after the swap.</summary>
    public LogSegment Segment { get; }

    public int Size => _written + _buffer.WrittenCount;

    public void Append(ReadOnlyMemory<byte> batch)
    {
        Segment.Index(new RecordBatchView(batch.Span), Size, _indexIntervalBytes);
        _buffer.Write(batch.Span);
        if (_buffer.WrittenCount >= BufferBytes) WriteBuffer();
    }

    public void Complete()
    {
        WriteBuffer();
        _file.Flush();
        Segment.SetScannedSize(_written);
        Segment.FlushedSize = _written;
    }

    /// <summary>Closes the file and removes it where it has not been renamed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _fileSystem.DeleteFile(CleanedPath);
    }

    private void WriteBuffer()
    {
        _file.Write(_written, _buffer.WrittenSpan);
        _written += _buffer.WrittenCount;
        _buffer.ResetWrittenCount();
    }
}
