namespace MessagingModels.Comparison.Reporting;

/// <summary>Finds out beforehand whether a report can be written: a run takes minutes, and what it measured is gone with a report that cannot be.</summary>
public static class ReportDirectory
{
    /// <summary>Makes the directory where it does not exist, and makes sure that files can be written there.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="files">The names of the files that will be; those that are there already must allow to be replaced.</param>
    /// <exception cref="ComparisonInputException">The directory or one of the files cannot be written.</exception>
    public static void EnsureWritable(string directory, params IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(files);
        try
        {
            Directory.CreateDirectory(directory);
            Probe(Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileOptions.DeleteOnClose);
            foreach (string path in files.Select(name => Path.Combine(directory, name)).Where(Path.Exists))
                Probe(path, FileMode.Open, FileOptions.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ComparisonInputException(
                $"The report cannot be written to '{directory}': {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Name another directory with --out.", exception);
        }
    }

    private static void Probe(string path, FileMode mode, FileOptions options)
    {
        using FileStream file = new(path, mode, FileAccess.Write, FileShare.None, bufferSize: 1, options);
    }
}
