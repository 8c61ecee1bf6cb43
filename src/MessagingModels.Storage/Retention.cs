namespace MessagingModels.Storage;

/// <summary>Which segments have outlived what the settings keep; the active one too, where nothing in it is to be kept.</summary>
internal static class Retention
{
    /// <summary>How many of the oldest segments go, by age and by size, whichever takes more.</summary>
    public static int CountExpired(ReadOnlySpan<LogSegment> segments, LogOptions options, long nowMs, long upToOffset, long nextOffset)
    {
        int deletable = 0;
        while (deletable < segments.Length - 1 && segments[deletable + 1].BaseOffset <= upToOffset) deletable++;
        if (deletable == segments.Length - 1 && segments[deletable].Size > 0 && nextOffset <= upToOffset) deletable++;
        return Math.Max(CountTooOld(segments[..deletable], options.RetentionAge, nowMs), CountTooMuch(segments, deletable, options.RetentionBytes));
    }

    private static int CountTooOld(ReadOnlySpan<LogSegment> segments, TimeSpan? retentionAge, long nowMs)
    {
        if (retentionAge is not { } age) return 0;
        int count = 0;
        while (count < segments.Length && nowMs - segments[count].MaxTimestampMs > age.TotalMilliseconds) count++;
        return count;
    }

    // As in Kafka a segment goes only where the log without it still holds as much as is to be kept.
    private static int CountTooMuch(ReadOnlySpan<LogSegment> segments, int deletable, long? retentionBytes)
    {
        if (retentionBytes is not { } limit) return 0;
        long excess = -limit;
        foreach (LogSegment segment in segments) excess += segment.Size;
        int count = 0;
        while (count < deletable && excess >= segments[count].Size) excess -= segments[count++].Size;
        return count;
    }
}
