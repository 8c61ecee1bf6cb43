using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>
/// Recognises what a power failure leaves of pages that were appended but not written back: zeros, in whole pages, and from the end of
/// what was flushed to the end of its page. Damage to bytes that were on the disk does not look like that.
/// </summary>
internal static class UnwrittenPages
{
    private const int PageBytes = 4096;

    /// <summary>Whether such a page lies between the damaged batch and the next whole one.</summary>
    public static bool ExistBetween(IFile file, long damaged, long nextWhole, bool isHeaderDamaged)
    {
        byte[] page = new byte[PageBytes];
        long firstBoundary = (damaged + PageBytes - 1) / PageBytes * PageBytes;
        // The rest of a page counts only where the damage is in it, that is where it took the header.
        if (isHeaderDamaged && firstBoundary > damaged && firstBoundary <= nextWhole && IsZero(file, damaged, page.AsSpan(0, (int)(firstBoundary - damaged)))) return true;
        for (long at = firstBoundary; at + PageBytes <= nextWhole; at += PageBytes)
        {
            if (IsZero(file, at, page)) return true;
        }
        // The next whole batch may begin within a page that was written; the one before it need not end with a page.
        return false;
    }

    private static bool IsZero(IFile file, long position, Span<byte> buffer) =>
        file.Read(position, buffer) == buffer.Length && !buffer.ContainsAnyExcept((byte)0);
}
