using System.Buffers.Binary;

namespace MessagingModels.Storage;

/// <summary>
/// A sparse index from timestamps to offsets in one segment, in memory. One writer; readers take no lock. As in Kafka, an entry says that
/// no record up to an offset (relative to the segment's base) is later than a timestamp; 8 and 4 bytes, big-endian in the file. The last
/// entry of a closed segment is the segment's greatest timestamp.
/// </summary>
internal sealed class TimeIndex
{
    public const int EntryBytes = 12;

    private Table _table = Table.Empty;

    public int Count => Volatile.Read(ref _table).Count;

    /// <summary>The last entry; (-1, 0) where there is none.</summary>
    public (long TimestampMs, int RelativeOffset) Last
    {
        get
        {
            Table table = Volatile.Read(ref _table);
            int count = Volatile.Read(ref table.Count);
            return count == 0 ? (-1, 0) : (table.Timestamps[count - 1], table.RelativeOffsets[count - 1]);
        }
    }

    /// <summary>Adds an entry where the timestamp is later than that of the last one.</summary>
    public void AppendIfLater(long timestampMs, int relativeOffset)
    {
        Table table = _table;
        if (timestampMs < 0 || (table.Count > 0 && timestampMs <= table.Timestamps[table.Count - 1])) return;
        if (table.Count == table.Timestamps.Length)
        {
            int capacity = Math.Max(8, table.Count * 2);
            Table grown = new(new long[capacity], new int[capacity], table.Count + 1);
            table.Timestamps.CopyTo(grown.Timestamps, 0);
            table.RelativeOffsets.CopyTo(grown.RelativeOffsets, 0);
            grown.Timestamps[table.Count] = timestampMs;
            grown.RelativeOffsets[table.Count] = relativeOffset;
            Volatile.Write(ref _table, grown);
            return;
        }
        table.Timestamps[table.Count] = timestampMs;
        table.RelativeOffsets[table.Count] = relativeOffset;
        Volatile.Write(ref table.Count, table.Count + 1);
    }

    /// <summary>The offset of the last entry that is not later than a timestamp, or 0: no record before it is as late.</summary>
    public int FloorRelativeOffset(long timestampMs)
    {
        Table table = Volatile.Read(ref _table);
        int low = 0, high = Volatile.Read(ref table.Count) - 1, offset = 0;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (table.Timestamps[middle] <= timestampMs)
            {
                offset = table.RelativeOffsets[middle];
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return offset;
    }

    public byte[] Encode()
    {
        byte[] bytes = new byte[_table.Count * EntryBytes];
        for (int i = 0; i < _table.Count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * EntryBytes), _table.Timestamps[i]);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((i * EntryBytes) + 8), _table.RelativeOffsets[i]);
        }
        return bytes;
    }

    /// <summary>Reads a file's bytes; false where they cannot be a time index.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out TimeIndex index)
    {
        index = new TimeIndex();
        if (bytes.Length % EntryBytes != 0) return false;
        int count = bytes.Length / EntryBytes;
        Table table = new(new long[count], new int[count], count);
        for (int i = 0; i < count; i++)
        {
            table.Timestamps[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(i * EntryBytes)..]);
            table.RelativeOffsets[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[((i * EntryBytes) + 8)..]);
            if (table.Timestamps[i] < 0 || table.RelativeOffsets[i] < 0) return false;
            if (i > 0 && (table.Timestamps[i] <= table.Timestamps[i - 1] || table.RelativeOffsets[i] <= table.RelativeOffsets[i - 1])) return false;
        }
        index._table = table;
        return true;
    }

    private sealed class Table(long[] timestamps, int[] relativeOffsets, int count)
    {
        public static Table Empty => new([], [], 0);

        public readonly long[] Timestamps = timestamps;
        public readonly int[] RelativeOffsets = relativeOffsets;
        public int Count = count;
    }
}
