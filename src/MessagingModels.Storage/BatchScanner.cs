using System.Buffers;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>Why a scan stopped before its end.</summary>
internal enum BatchDamage
{
    None,

    /// <summary>The header announces more bytes than follow, or fewer than a header follow.</summary>
    Incomplete,

    /// <summary>What is there is no batch header, or its offsets go back.</summary>
    BadHeader,

    /// <summary>The content does not match the checksum.</summary>
    BadCrc,
}

/// <summary>Reads the batches of a segment file one after the other, through a buffer, checking each. For one thread.</summary>
internal sealed class BatchScanner(IFile file, long start, long end, long minBaseOffset) : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(end - start, RecordBatchLayout.HeaderSizeInBytes, BufferBytes));
    private long _bufferPosition = start;
    private int _bufferLength;
    private int _batchLength;

    /// <summary>Where the current batch begins; after the last one, where it ended or the damage begins.</summary>
    public long Position { get; private set; } = start;

    /// <summary>The lowest base offset that the next batch may have.</summary>
    public long NextOffset { get; private set; } = minBaseOffset;

    public BatchDamage Damage { get; private set; }

    public uint ExpectedCrc { get; private set; }

    public uint FoundCrc { get; private set; }

    /// <summary>The current batch; valid until the next move.</summary>
    public ReadOnlyMemory<byte> Batch => _buffer.AsMemory((int)(Position - _bufferPosition), _batchLength);

    public bool MoveNext()
    {
        Position += _batchLength;
        _batchLength = 0;
        if (Position >= end || Damage != BatchDamage.None) return false;
        if (!TryFill(RecordBatchLayout.HeaderSizeInBytes)) return Stop(BatchDamage.Incomplete);
        RecordBatchView header = new(_buffer.AsSpan((int)(Position - _bufferPosition)));
        if (!RecordBatchView.TryReadSize(header.Bytes, out int size) || header.Magic != RecordBatchLayout.CurrentMagic
            || header.LastOffsetDelta < 0 || header.BaseOffset < NextOffset)
            return Stop(BatchDamage.BadHeader);
        if (!TryFill(size)) return Stop(BatchDamage.Incomplete);
        RecordBatchView batch = new(_buffer.AsSpan((int)(Position - _bufferPosition), size));
        uint crc = batch.ComputeCrc();
        if (crc != batch.StoredCrc)
        {
            (ExpectedCrc, FoundCrc) = (batch.StoredCrc, crc);
            return Stop(BatchDamage.BadCrc);
        }
        _batchLength = size;
        NextOffset = batch.LastOffset + 1;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool Stop(BatchDamage damage)
    {
        Damage = damage;
        return false;
    }

    // Has the given number of bytes from the position on in the buffer; false where the segment ends before.
    private bool TryFill(int needed)
    {
        if (Position + needed > end) return false;
        int offset = (int)(Position - _bufferPosition);
        if (_bufferLength - offset >= needed) return true;
        int kept = _bufferLength - offset;
        byte[] target = needed > _buffer.Length ? ArrayPool<byte>.Shared.Rent(needed) : _buffer;
        _buffer.AsSpan(offset, kept).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }
        int wanted = (int)Math.Min(_buffer.Length - kept, end - Position - kept);
        int read = file.Read(Position + kept, _buffer.AsSpan(kept, wanted));
        _bufferPosition = Position;
        _bufferLength = kept + read;
        return _bufferLength >= needed;
    }
}
