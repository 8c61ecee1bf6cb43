using System.Globalization;
using System.Text.RegularExpressions;

namespace MessagingModels.Comparison.Targets;

/// <summary>Reads what Kafka's tools print.</summary>
internal static partial class ToolOutput
{
    /// <summary>What was produced in steady state, where a warm-up was asked for, or else in all; it ended when the line was printed that tells of it.</summary>
    /// <exception cref="ToolFailedException">It printed no summary.</exception>
    public static CountedRecords ReadProduced(IReadOnlyList<ToolLine> lines)
    {
        (DateTime At, Match Match)[] summaries = [.. lines.Select(static line => (line.At, ProducerSummary().Match(line.Text))).Where(static line => line.Item2.Success)];
        (DateTime at, Match? found) = summaries.LastOrDefault(static line => line.Match.Groups["steady"].Success);
        if (found is null)
            (at, found) = summaries.LastOrDefault(static line => line.Match.Value.Contains("99.9th", StringComparison.Ordinal));
        if (found is null)
            throw new ToolFailedException($"ProducerPerformance printed no summary; its last line was: {LastLine(lines)}");
        long records = long.Parse(found.Groups["records"].Value, CultureInfo.InvariantCulture);
        double rate = double.Parse(found.Groups["rate"].Value, CultureInfo.InvariantCulture);
        return new CountedRecords(records, at - TimeSpan.FromSeconds(records / rate), at);
    }

    /// <summary>What was consumed by the lines that tell of the second half of the records, at the times that they tell.</summary>
    /// <exception cref="ToolFailedException">It printed fewer than two such lines.</exception>
    public static CountedRecords ReadConsumed(IReadOnlyList<ToolLine> lines)
    {
        (DateTime Time, long Records)[] looks = [.. lines.Select(static line => ConsumerProgress().Match(line.Text)).Where(static match => match.Success).Select(static match => (
            DateTime.ParseExact(match.Groups["time"].Value, "yyyy-MM-dd HH:mm:ss:fff", CultureInfo.InvariantCulture),
            long.Parse(match.Groups["records"].Value, CultureInfo.InvariantCulture)))];
        int middle = looks.Length == 0 ? -1 : Array.FindIndex(looks, look => look.Records >= looks[^1].Records / 2);
        if (middle < 0 || looks[^1].Time <= looks[middle].Time)
            throw new ToolFailedException($"ConsumerPerformance printed no progress; its last line was: {LastLine(lines)}");
        return new CountedRecords(looks[^1].Records - looks[middle].Records, looks[middle].Time, looks[^1].Time);
    }

    /// <summary>The offset in a line of a console consumer that prints offsets; null where the line is none of a record.</summary>
    public static long? ReadOffset(string line) => RecordLine().Match(line) is { Success: true } found ? long.Parse(found.Groups["offset"].Value, CultureInfo.InvariantCulture) : null;

    /// <summary>The last line that says something.</summary>
    public static string LastLine(IEnumerable<ToolLine> lines) => lines.Select(static line => line.Text.Trim()).LastOrDefault(static line => line.Length > 0) ?? "(nothing)";

    [GeneratedRegex(@"^(?<records>\d+) (?<steady>steady state )?records sent, (?<rate>[\d.]+) records/sec .*$", RegexOptions.CultureInvariant)]
    private static partial Regex ProducerSummary();

    [GeneratedRegex(@"^Offset:(?<offset>\d+)\b", RegexOptions.CultureInvariant)]
    private static partial Regex RecordLine();

    // Time, thread, MiB, MiB/s and then the records so far.
    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}), \d+, [\d.]+, [\d.]+, (?<records>\d+), ", RegexOptions.CultureInvariant)]
    private static partial Regex ConsumerProgress();
}
