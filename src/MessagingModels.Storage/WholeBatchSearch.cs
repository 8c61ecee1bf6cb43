using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>Looks behind damage for the next whole batch, wherever it begins.</summary>
internal static class WholeBatchSearch
{
    private const int WindowBytes = 64 * 1024;

    /// <summary>Where the first whole batch with a valid checksum and an offset not below the given one begins, or -1.</summary>
    public static long Find(IFile file, long start, long end, long minBaseOffset)
    {
        byte[] window = new byte[WindowBytes];
        for (long from = start; end - from >= RecordBatchLayout.HeaderSizeInBytes;)
        {
            int length = file.Read(from, window.AsSpan(0, (int)Math.Min(window.Length, end - from)));
            long found = FindInWindow(file, window.AsSpan(0, length), from, end, minBaseOffset);
            if (found >= 0) return found;
            if (length < window.Length) return -1;
            // A header that begins in the last bytes of this window is looked at in the next one.
            from += length - RecordBatchLayout.HeaderSizeInBytes + 1;
        }
        return -1;
    }

    private static long FindInWindow(IFile file, ReadOnlySpan<byte> window, long from, long end, long minBaseOffset)
    {
        for (int at = 0; window.Length - at >= RecordBatchLayout.HeaderSizeInBytes; at++)
        {
            int next = window[(at + RecordBatchLayout.MagicPosition)..].IndexOf(RecordBatchLayout.CurrentMagic);
            if (next < 0) return -1;
            at += next;
            if (window.Length - at < RecordBatchLayout.HeaderSizeInBytes) return -1;
            if (IsPlausible(new RecordBatchView(window[at..]), end - from - at, minBaseOffset) && IsWhole(file, from + at, end, minBaseOffset)) return from + at;
        }
        return -1;
    }

    private static bool IsPlausible(RecordBatchView header, long available, long minBaseOffset) =>
        RecordBatchView.TryReadSize(header.Bytes, out int size) && size <= available
        && header.BaseOffset >= minBaseOffset && header.BaseOffset - minBaseOffset <= int.MaxValue && header.LastOffsetDelta >= 0;

    private static bool IsWhole(IFile file, long position, long end, long minBaseOffset)
    {
        using BatchScanner scanner = new(file, position, end, minBaseOffset);
        return scanner.MoveNext();
    }
}
