using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>Ranges of offsets in few bytes: <c>count varint, (gap varlong from the end of the range before, length varlong)*</c>.</summary>
internal static class OffsetRangeCodec
{
    public static int MaxBytes(int count) => Varint.MaxSizeInBytes + (count * 2 * Varint.MaxLongSizeInBytes);

    public static int Write(Span<byte> destination, ReadOnlySpan<OffsetRange> ranges)
    {
        int at = Varint.Write(destination, ranges.Length);
        long last = 0;
        foreach (OffsetRange range in ranges)
        {
            at += Varint.WriteLong(destination[at..], range.Start - last);
            at += Varint.WriteLong(destination[at..], range.Count);
            last = range.End;
        }

        return at;
    }

    public static void Read(ReadOnlySpan<byte> bytes, Action<OffsetRange> each)
    {
        if (!Varint.TryRead(bytes, out int count, out int at))
            throw new StorageException("A list of offsets is cut.");
        long last = 0;
        for (int i = 0; i < count; i++)
        {
            if (!Varint.TryReadLong(bytes[at..], out long gap, out int gapSize) || !Varint.TryReadLong(bytes[(at + gapSize)..], out long length, out int size))
                throw new StorageException("A list of offsets is cut.");
            at += gapSize + size;
            OffsetRange range = new(last + gap, last + gap + length);
            last = range.End;
            each(range);
        }
    }
}
