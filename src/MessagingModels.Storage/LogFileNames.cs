using System.Globalization;

namespace MessagingModels.Storage;

/// <summary>The names of a log's files: Kafka's, and those that only this engine writes.</summary>
internal static class LogFileNames
{
    public const string Data = ".log";
    public const string OffsetIndex = ".index";
    public const string TimeIndex = ".timeindex";

    /// <summary>A segment that compaction is writing; worthless after a crash.</summary>
    public const string Cleaned = ".cleaned";

    /// <summary>A complete compacted segment that takes the place of those it was made from.</summary>
    public const string Swap = ".swap";

    /// <summary>Present only while the log is closed and unchanged.</summary>
    public const string CleanShutdown = ".clean-shutdown";

    /// <summary>The recovery point, the log start and what compaction must know.</summary>
    public const string Checkpoint = "log-checkpoint";

    private const int BaseOffsetDigits = 20;

    public static string Of(string directory, long baseOffset, string extension) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{baseOffset:D20}{extension}"));

    /// <summary>The name carries the end of what it replaces: the rename that creates it says all that a recovery needs.</summary>
    public static string OfSwap(string directory, long baseOffset, long endOffset) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{baseOffset:D20}-{endOffset:D20}{Swap}"));

    public static bool TryParse(string name, string extension, out long baseOffset)
    {
        baseOffset = 0;
        return name.Length == BaseOffsetDigits + extension.Length
            && name.EndsWith(extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, BaseOffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }

    public static bool TryParseSwap(string name, out long baseOffset, out long endOffset)
    {
        baseOffset = endOffset = 0;
        return name.Length == (2 * BaseOffsetDigits) + 1 + Swap.Length
            && name.EndsWith(Swap, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, BaseOffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset)
            && long.TryParse(name.AsSpan(BaseOffsetDigits + 1, BaseOffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out endOffset);
    }
}
