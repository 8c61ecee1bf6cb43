using System.Text;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// Bodies in a file, for ProducerPerformance: told a size only, it makes up each body letter by letter, which takes it longer than to send it.
/// </summary>
internal sealed class ToolPayload : IDisposable
{
    public const int Bodies = 64;

    private ToolPayload(string path) => Path = path;

    /// <summary>The file: one body a line.</summary>
    public string Path { get; }

    /// <summary>Bodies of letters only, since a line's end separates them in the file.</summary>
    public static byte[][] Create(int bytes)
    {
        Random random = new(bytes);
        return [.. Enumerable.Range(0, Bodies).Select(_ => Encoding.ASCII.GetBytes(random.GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZ".AsSpan(), bytes)))];
    }

    public static ToolPayload Write(byte[][] bodies)
    {
        ToolPayload payload = new(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"mm-payload-{Guid.NewGuid():N}"));
        File.WriteAllLines(payload.Path, bodies.Select(Encoding.ASCII.GetString));
        return payload;
    }

    public void Dispose() => File.Delete(Path);
}
