using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>Puts right what a crash left half done among the names of a log's directory. Each step may be repeated after another crash.</summary>
internal static class LogDirectoryCleaner
{
    public static void Clean(IFileSystem fileSystem, string directory)
    {
        IReadOnlyList<FileEntry> files = fileSystem.EnumerateFiles(directory);
        HashSet<long> segments = [];
        foreach (FileEntry file in files)
        {
            if (LogFileNames.TryParse(file.Name, LogFileNames.Data, out long baseOffset)) segments.Add(baseOffset);
        }
        foreach (FileEntry file in files)
        {
            if (LogFileNames.TryParseSwap(file.Name, out long baseOffset, out long endOffset))
                CompleteSwap(fileSystem, directory, segments, baseOffset, endOffset);
        }
        foreach (FileEntry file in files)
        {
            if (IsLeftOver(file.Name, segments)) fileSystem.DeleteFile(Path.Combine(directory, file.Name));
        }
    }

    /// <summary>
    /// Has a compacted segment take the place of those it was made from. Its name is there, so it is complete: first those it replaces
    /// beside the one with its own base offset go, then the indexes of that one, then the rename replaces its data.
    /// </summary>
    public static void CompleteSwap(IFileSystem fileSystem, string directory, HashSet<long> segments, long baseOffset, long endOffset)
    {
        foreach (long replaced in segments.Where(s => s > baseOffset && s < endOffset).Order().ToArray())
        {
            fileSystem.DeleteFile(LogFileNames.Of(directory, replaced, LogFileNames.Data));
            DeleteIndexes(fileSystem, directory, replaced);
            segments.Remove(replaced);
        }
        DeleteIndexes(fileSystem, directory, baseOffset);
        // The rename ends the swap: were it durable before the deletions, a crash would bring back what compaction removed.
        fileSystem.FlushDirectory(directory);
        fileSystem.Rename(LogFileNames.OfSwap(directory, baseOffset, endOffset), LogFileNames.Of(directory, baseOffset, LogFileNames.Data));
        fileSystem.FlushDirectory(directory);
        segments.Add(baseOffset);
    }

    private static bool IsLeftOver(string name, HashSet<long> segments)
    {
        if (name.EndsWith(LogFileNames.Cleaned, StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal)) return true;
        return (LogFileNames.TryParse(name, LogFileNames.OffsetIndex, out long baseOffset) || LogFileNames.TryParse(name, LogFileNames.TimeIndex, out baseOffset))
            && !segments.Contains(baseOffset);
    }

    private static void DeleteIndexes(IFileSystem fileSystem, string directory, long baseOffset)
    {
        fileSystem.DeleteFile(LogFileNames.Of(directory, baseOffset, LogFileNames.OffsetIndex));
        fileSystem.DeleteFile(LogFileNames.Of(directory, baseOffset, LogFileNames.TimeIndex));
    }
}
