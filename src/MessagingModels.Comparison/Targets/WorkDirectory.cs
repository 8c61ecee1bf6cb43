using System.Globalization;

namespace MessagingModels.Comparison.Targets;

/// <summary>A directory of this run, removed with all that is in it when the run ends.</summary>
internal sealed class WorkDirectory : IDisposable
{
    private int _count;

    private WorkDirectory(string path)
    {
        Path = path;

        // An interrupted process ends without disposing what takes too long to close.
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public string Path { get; }

    /// <exception cref="ComparisonInputException">The directory cannot be made.</exception>
    public static WorkDirectory Create(string? parent)
    {
        string path = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), $"mm-compare-{Environment.ProcessId}-{Guid.NewGuid():N}"[..40]);
        try
        {
            Directory.CreateDirectory(path);
            return new WorkDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ComparisonInputException($"The directory {path} cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>A path for a data directory that does not exist yet.</summary>
    public string NewDataDirectory()
        => System.IO.Path.Combine(Path, Interlocked.Increment(ref _count).ToString("D4", CultureInfo.InvariantCulture));

    /// <summary>Removes one data directory, so that a long run does not fill the disk.</summary>
    public static void Remove(string dataDirectory)
    {
        if (Directory.Exists(dataDirectory))
            Directory.Delete(dataDirectory, recursive: true);
    }

    /// <summary>The size of all files below a directory that a broker may be working in: a file that goes meanwhile counts for nothing.</summary>
    public static long SizeOf(string directory)
    {
        long bytes = 0;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                bytes += file.Length;
            }
            catch (FileNotFoundException)
            {
                // It was there when its folder was read.
            }
        }

        return bytes;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Remove(Path);
    }

    private void OnProcessExit(object? sender, EventArgs arguments)
    {
        try
        {
            // What a broker has here belongs to the shell that watches over it, which knows by its files what to end.
            if (!Directory.EnumerateDirectories(Path, "mm-*").Any())
                Remove(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody still writes to it; nothing more can be done here.
        }
    }
}
