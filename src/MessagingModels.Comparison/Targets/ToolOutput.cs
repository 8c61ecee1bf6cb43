using System.Globalization;
using System.Text.RegularExpressions;

namespace MessagingModels.Comparison.Targets;

/// <summary>Reads what Kafka's tools print.</summary>
internal static partial class ToolOutput
{
    /// <summary>Records a second in steady state, where a warm-up was asked for, or else over all.</summary>
    /// <exception cref="ToolFailedException">It printed no rate.</exception>
    public static double ReadProducerRate(string output)
    {
        Match[] summaries = [.. ProducerSummary().Matches(output).Cast<Match>()];
        Match? found = summaries.LastOrDefault(static match => match.Groups["steady"].Success)
            ?? summaries.LastOrDefault(static match => match.Value.Contains("99.9th", StringComparison.Ordinal));
        return found is not null
            ? double.Parse(found.Groups["rate"].Value, CultureInfo.InvariantCulture)
            : throw new ToolFailedException($"ProducerPerformance printed no summary; its last line was: {LastLine(output)}");
    }

    /// <summary>Records a second, over the lines that tell of the second half of the records.</summary>
    /// <exception cref="ToolFailedException">It printed fewer than two such lines.</exception>
    public static double ReadConsumerRate(string output)
    {
        (DateTime Time, long Records)[] lines = [.. ConsumerProgress().Matches(output).Select(static match => (
            DateTime.ParseExact(match.Groups["time"].Value, "yyyy-MM-dd HH:mm:ss:fff", CultureInfo.InvariantCulture),
            long.Parse(match.Groups["records"].Value, CultureInfo.InvariantCulture)))];
        int middle = lines.Length == 0 ? -1 : Array.FindIndex(lines, line => line.Records >= lines[^1].Records / 2);
        if (middle < 0 || lines[^1].Time <= lines[middle].Time)
            throw new ToolFailedException($"ConsumerPerformance printed no progress; its last line was: {LastLine(output)}");
        return (lines[^1].Records - lines[middle].Records) / (lines[^1].Time - lines[middle].Time).TotalSeconds;
    }

    /// <summary>The offset in a line of a console consumer that prints offsets; null where the line is none of a record.</summary>
    public static long? ReadOffset(string line) => RecordLine().Match(line) is { Success: true } found ? long.Parse(found.Groups["offset"].Value, CultureInfo.InvariantCulture) : null;

    /// <summary>The last line that says something.</summary>
    public static string LastLine(string output)
        => output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "(nothing)";

    [GeneratedRegex(@"^\d+ (?<steady>steady state )?records sent, (?<rate>[\d.]+) records/sec .*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ProducerSummary();

    [GeneratedRegex(@"^Offset:(?<offset>\d+)\b", RegexOptions.CultureInvariant)]
    private static partial Regex RecordLine();

    // Time, thread, MiB, MiB/s and then the records so far.
    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}), \d+, [\d.]+, [\d.]+, (?<records>\d+), ", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ConsumerProgress();
}
