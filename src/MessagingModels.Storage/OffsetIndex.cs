using System.Buffers.Binary;

namespace MessagingModels.Storage;

/// <summary>
/// A sparse index from offsets to positions in one segment, in memory. One writer; readers take no lock. As in Kafka, an entry is the last
/// offset of a batch (relative to the segment's base) and the position where that batch begins, 4 bytes each and big-endian in the file.
/// </summary>
internal sealed class OffsetIndex
{
    public const int EntryBytes = 8;

    private Table _table = Table.Empty;

    public int Count => Volatile.Read(ref _table).Count;

    /// <summary>The last entry; there is at least one.</summary>
    public (int RelativeOffset, int Position) Last
    {
        get
        {
            Table table = Volatile.Read(ref _table);
            long entry = table.Entries[Volatile.Read(ref table.Count) - 1];
            return ((int)(entry >> 32), (int)entry);
        }
    }

    public void Append(int relativeOffset, int position)
    {
        Table table = _table;
        long entry = ((long)relativeOffset << 32) | (uint)position;
        if (table.Count == table.Entries.Length)
        {
            long[] grown = new long[Math.Max(8, table.Entries.Length * 2)];
            table.Entries.CopyTo(grown, 0);
            grown[table.Count] = entry;
            Volatile.Write(ref _table, new Table(grown, table.Count + 1));
            return;
        }
        table.Entries[table.Count] = entry;
        Volatile.Write(ref table.Count, table.Count + 1);
    }

    /// <summary>A position at or before the batch that holds an offset, as near as the index knows.</summary>
    public int FloorPosition(int relativeOffset)
    {
        Table table = Volatile.Read(ref _table);
        int low = 0, high = Volatile.Read(ref table.Count) - 1, position = 0;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            long entry = table.Entries[middle];
            if ((int)(entry >> 32) <= relativeOffset)
            {
                position = (int)entry;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return position;
    }

    public byte[] Encode()
    {
        byte[] bytes = new byte[_table.Count * EntryBytes];
        for (int i = 0; i < _table.Count; i++) BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * EntryBytes), _table.Entries[i]);
        return bytes;
    }

    /// <summary>Reads a file's bytes; false where they cannot be an index of a segment of the given size.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, int segmentSizeInBytes, out OffsetIndex index)
    {
        index = new OffsetIndex();
        if (bytes.Length % EntryBytes != 0) return false;
        long[] entries = new long[bytes.Length / EntryBytes];
        int lastOffset = -1, lastPosition = -1;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(i * EntryBytes)..]);
            int offset = (int)(entries[i] >> 32), position = (int)entries[i];
            if (offset <= lastOffset || position <= lastPosition || position >= segmentSizeInBytes) return false;
            (lastOffset, lastPosition) = (offset, position);
        }
        index._table = new Table(entries, entries.Length);
        return true;
    }

    private sealed class Table(long[] entries, int count)
    {
        public static Table Empty => new([], 0);

        public readonly long[] Entries = entries;
        public int Count = count;
    }
}
