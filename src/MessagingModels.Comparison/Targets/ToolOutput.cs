using System.Globalization;
using System.Text.RegularExpressions;

namespace MessagingModels.Comparison.Targets;

/// <summary>Reads what Kafka's tools print.</summary>
internal static partial class ToolOutput
{
    private const string ConsumerRate = "fetch.nMsg.sec";

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

    /// <summary>Records a second, the time for joining the group left out.</summary>
    /// <exception cref="ToolFailedException">It printed no rate.</exception>
    public static double ReadConsumerRate(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int header = Array.FindIndex(lines, static line => line.Contains(ConsumerRate, StringComparison.Ordinal));
        int column = header < 0 ? -1 : Array.IndexOf(lines[header].Split(", "), ConsumerRate);
        if (header < 0 || header + 1 >= lines.Length || lines[^1].Split(", ") is not { } values || values.Length <= column
            || !double.TryParse(values[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double rate))
            throw new ToolFailedException($"ConsumerPerformance printed no rate; its last line was: {LastLine(output)}");
        return rate;
    }

    /// <summary>The last line that says something.</summary>
    public static string LastLine(string output)
        => output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "(nothing)";

    [GeneratedRegex(@"^\d+ (?<steady>steady state )?records sent, (?<rate>[\d.]+) records/sec .*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ProducerSummary();
}
