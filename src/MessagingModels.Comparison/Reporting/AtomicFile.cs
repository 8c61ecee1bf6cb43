namespace MessagingModels.Comparison.Reporting;

/// <summary>Writes files of which a reader sees all or nothing, whenever the process dies.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file beside its place and moves it there when it is whole.</summary>
    /// <param name="path">Its place; what is there is replaced.</param>
    /// <param name="write">Writes the content. What it throws leaves the place as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        string incomplete = path + ".new";
        try
        {
            await using (FileStream file = File.Create(incomplete))
            {
                await write(file).ConfigureAwait(false);

                // The move may reach the disk before the content does. And no experiment that follows is to share the disk with what is left to write.
                file.Flush(flushToDisk: true);
            }

            File.Move(incomplete, path, overwrite: true);
        }
        catch
        {
            File.Delete(incomplete);
            throw;
        }
    }
}
