using System.Buffers.Binary;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>
/// What a closed log knows about its segments, so that the next opening need not read them. The first change to the log removes it.
/// Where the log was not flushed it is believed only until the machine starts anew, as <see cref="IFileSystem.BootId"/> tells;
/// empty where it was flushed. Segments whose files differ in number, name or size make it worthless.
/// </summary>
internal sealed record CleanShutdownMarker(Guid UnflushedSince, long NextOffset, long FirstAppendAtMs, IReadOnlyList<CleanShutdownMarker.Segment> Segments)
{
    /// <summary>In place of a segment's greatest timestamp: its index has to be read for it.</summary>
    public const long UnknownTimestamp = long.MinValue;

    private const int HeaderBytes = 36;
    private const int SegmentBytes = 28;

    public void Write(CheckpointFile file, bool flush)
    {
        byte[] bytes = new byte[HeaderBytes + (Segments.Count * SegmentBytes)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, NextOffset);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), FirstAppendAtMs);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), Segments.Count);
        UnflushedSince.TryWriteBytes(bytes.AsSpan(20));
        for (int i = 0; i < Segments.Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(HeaderBytes + (i * SegmentBytes));
            BinaryPrimitives.WriteInt64BigEndian(entry, Segments[i].BaseOffset);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], Segments[i].SizeInBytes);
            BinaryPrimitives.WriteInt64BigEndian(entry[12..], Segments[i].MaxTimestampMs);
            BinaryPrimitives.WriteInt64BigEndian(entry[20..], Segments[i].OffsetOfMaxTimestamp);
        }
        file.Write(bytes, flush);
    }

    /// <summary>The marker, or null where there is none or it is damaged: then the log recovers as after a crash.</summary>
    public static CleanShutdownMarker? Read(CheckpointFile file)
    {
        byte[]? bytes;
        try
        {
            bytes = file.Read();
        }
        catch (CheckpointCorruptedException)
        {
            return null;
        }
        if (bytes is null || bytes.Length < HeaderBytes) return null;
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16));
        if (count < 0 || bytes.Length != HeaderBytes + ((long)count * SegmentBytes)) return null;
        Segment[] segments = new Segment[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.AsSpan(HeaderBytes + (i * SegmentBytes));
            segments[i] = new Segment(
                BinaryPrimitives.ReadInt64BigEndian(entry), BinaryPrimitives.ReadInt32BigEndian(entry[8..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[12..]), BinaryPrimitives.ReadInt64BigEndian(entry[20..]));
        }
        Guid unflushedSince = new(bytes.AsSpan(20, 16));
        return new CleanShutdownMarker(
            unflushedSince, BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)), segments);
    }

    /// <summary>One segment as it was at the shutdown.</summary>
    internal readonly record struct Segment(long BaseOffset, int SizeInBytes, long MaxTimestampMs, long OffsetOfMaxTimestamp);
}
