using System.Text;
using System.Text.Json;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A file of JSON objects, one a line, each of which is a message.</summary>
internal sealed class WorkloadFile
{
    /// <summary>Further lines are not read: beyond it the run would measure the garbage collector.</summary>
    internal const int MaxMessages = 1_000_000;

    private const int MaxReportedBadLines = 100;
    private const int MaxRouteBytes = 255;

    private readonly List<WorkloadMessage> _messages = [];
    private readonly List<BadLine> _badLines = [];

    private WorkloadFile()
    {
    }

    public IReadOnlyList<WorkloadMessage> Messages => _messages;

    /// <summary>The first lines that could not be used.</summary>
    public IReadOnlyList<BadLine> BadLines => _badLines;

    public int BadLineCount { get; private set; }

    /// <summary>Reads a file. A line that cannot be used is left out and counted, or ends the reading if <paramref name="strict"/>.</summary>
    /// <exception cref="ComparisonInputException">The file cannot be read, has no line that can be used, or has a bad one and <paramref name="strict"/> is set.</exception>
    public static async Task<WorkloadFile> ReadAsync(
        string path, string keyField, string routeField, bool strict, CancellationToken cancellationToken)
    {
        WorkloadFile file = new();
        try
        {
            int number = 0;
            await foreach (string line in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
            {
                number++;
                if (file.TryAdd(line, keyField, routeField) is { } reason)
                    file.Refuse(path, new BadLine(number, reason), strict);
                if (file._messages.Count == MaxMessages)
                    break;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ComparisonInputException($"The messages file {path} cannot be read: {exception.Message}", exception);
        }

        return file._messages.Count > 0
            ? file
            : throw new ComparisonInputException(file._badLines.Count == 0
                ? $"The messages file {path} is empty."
                : $"The messages file {path} has no line that can be used; line {file._badLines[0].Number}: {file._badLines[0].Reason}.");
    }

    /// <returns>Why the line cannot be used, or null.</returns>
    private string? TryAdd(string line, string keyField, string routeField)
    {
        try
        {
            byte[] body = Encoding.UTF8.GetBytes(line);
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return $"it is a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}, not an object";
            if (!TryReadText(document.RootElement, keyField, out string key, out string? reason)
                || !TryReadText(document.RootElement, routeField, out string route, out reason))
                return reason;
            if (Encoding.UTF8.GetByteCount(route) > MaxRouteBytes)
                return $"field '{routeField}' is longer than the {MaxRouteBytes} bytes that a routing key may have";
            _messages.Add(new WorkloadMessage(string.Intern(key), string.Intern(route), body));
            return null;
        }
        catch (JsonException exception)
        {
            return line.AsSpan().IsWhiteSpace() ? "it is empty" : $"it is not JSON (at byte {exception.BytePositionInLine})";
        }
    }

    private static bool TryReadText(JsonElement line, string field, out string text, out string? reason)
    {
        text = "";
        reason = null;
        if (!line.TryGetProperty(field, out JsonElement value))
            reason = $"it has no field '{field}'";
        else if (value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            text = value.ToString();
        else
            reason = $"field '{field}' is {value.ValueKind.ToString().ToLowerInvariant()}, not text or a number";
        return reason is null;
    }

    private void Refuse(string path, BadLine line, bool strict)
    {
        if (strict)
            throw new ComparisonInputException($"{path}, line {line.Number}: {line.Reason}. Without --strict such lines are left out and reported.");
        BadLineCount++;
        if (_badLines.Count < MaxReportedBadLines)
            _badLines.Add(line);
    }
}
