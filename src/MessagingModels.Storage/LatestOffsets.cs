using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MessagingModels.Formats.Records;

namespace MessagingModels.Storage;

/// <summary>The last offset of every key in the part of a log that compaction has not seen yet. Keys are remembered by 16 bytes of their SHA-256.</summary>
internal sealed class LatestOffsets
{
    private readonly Dictionary<UInt128, long> _offsets = [];
    private ArrayBufferWriter<byte>? _buffer;

    public int Count => _offsets.Count;

    /// <summary>Takes in the keys of a batch of records that stand.</summary>
    public void Add(RecordBatchView batch)
    {
        RecordReader records = new(LogSegment.RecordsOf(batch, ref _buffer), batch.RecordCount);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (record.HasKey) _offsets[Hash(record.Key)] = batch.BaseOffset + record.OffsetDelta;
        }
    }

    /// <summary>Whether a later record has the same key.</summary>
    public bool IsSuperseded(ReadOnlySpan<byte> key, long offset) => _offsets.TryGetValue(Hash(key), out long latest) && latest > offset;

    private static UInt128 Hash(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
