namespace MessagingModels.Provisioning.Processes;

/// <summary>What a process has written to its log since this object was made.</summary>
internal sealed class LogTail(string path)
{
    private const int MaxLines = 3;
    private const int MaxLineLength = 200;

    private readonly long _start = File.Exists(path) ? new FileInfo(path).Length : 0;

    public bool Contains(string text) => Read().Contains(text, StringComparison.Ordinal);

    /// <summary>The last lines that speak of an error, else the last of all, on one line for an exception's message.</summary>
    public string Excerpt()
    {
        string[] lines = Read().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] errors = [.. lines.Where(IsError)];
        IEnumerable<string> chosen = (errors.Length > 0 ? errors.Take(MaxLines) : lines.TakeLast(MaxLines))
            .Select(static line => line.Length > MaxLineLength ? line[..MaxLineLength] + "..." : line);
        return lines.Length == 0 ? "Its log is empty." : $"Its log says: {string.Join(" | ", chosen)}";
    }

    private static bool IsError(string line)
        => line.Contains("ERROR", StringComparison.Ordinal) || line.Contains("[error]", StringComparison.Ordinal)
            || line.Contains("Exception", StringComparison.Ordinal);

    private string Read()
    {
        if (!File.Exists(path))
            return "";
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(_start, file.Length);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }
}
