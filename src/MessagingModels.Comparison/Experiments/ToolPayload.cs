using System.Text;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// Bodies in a file, for ProducerPerformance: told a size only, it makes up each body letter by letter, which takes it longer than to send it.
/// </summary>
internal static class ToolPayload
{
    public const int Bodies = 64;

    /// <summary>Bodies of letters only, since a line's end separates them in the file.</summary>
    public static byte[][] Create(int bytes)
    {
        Random random = new(bytes);
        return [.. Enumerable.Range(0, Bodies).Select(_ => Encoding.ASCII.GetBytes(random.GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZ".AsSpan(), bytes)))];
    }

    /// <summary>Writes them, one body a line.</summary>
    /// <returns>The file.</returns>
    public static async Task<string> WriteAsync(byte[][] bodies, string directory, CancellationToken cancellationToken)
    {
        string path = Path.Combine(directory, "payload");
        await File.WriteAllLinesAsync(path, bodies.Select(Encoding.ASCII.GetString), cancellationToken).ConfigureAwait(false);
        return path;
    }
}
