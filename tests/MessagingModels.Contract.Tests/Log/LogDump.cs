using System.Globalization;
using System.Text.RegularExpressions;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What DumpLogSegments says of one batch.</summary>
internal sealed record DumpedBatch(TopicPartition Partition, long BaseOffset, long LastOffset, int Records, string Codec, bool IsControl, bool IsTransactional, bool HasDeleteHorizon);

/// <summary>
/// What DumpLogSegments says of log files, by topic. Its exit code is 0 whatever it finds: damage at the end of a file and offsets that are missing
/// are lines among others.
/// </summary>
internal sealed partial class LogDump
{
    /// <summary>So the tool calls the first offset of each file that does not begin at 0.</summary>
    private const string BeginOfFile = "  -1 is followed by ";

    private LogDump(List<DumpedBatch> batches, HashSet<string> withHoles)
    {
        Batches = batches.ToLookup(batch => batch.Partition.Topic);
        TopicsWithHoles = withHoles;
        foreach (IGrouping<TopicPartition, DumpedBatch> partition in batches.GroupBy(batch => batch.Partition))
        {
            DumpedBatch[] inOrder = [.. partition.OrderBy(batch => batch.BaseOffset)];
            if (inOrder.Zip(inOrder.Skip(1)).Any(static pair => pair.Second.BaseOffset != pair.First.LastOffset + 1))
                withHoles.Add(partition.Key.Topic);
        }
    }

    public ILookup<string, DumpedBatch> Batches { get; }

    /// <summary>The topics in which an offset does not follow the one before it, within a file or from one to the next.</summary>
    public IReadOnlySet<string> TopicsWithHoles { get; }

    /// <summary>How many records a topic's partitions hold, without the ends of transactions.</summary>
    public int RecordsOf(string topic) => Batches[topic].Where(batch => !batch.IsControl).Sum(batch => batch.Records);

    public static LogDump Parse(string output)
    {
        List<DumpedBatch> batches = [];
        HashSet<string> withHoles = [];
        TopicPartition current = default, withGaps = default;
        foreach (string line in output.Split('\n'))
        {
            Assert.DoesNotContain("invalid bytes", line, StringComparison.Ordinal);
            Assert.DoesNotContain("isvalid: false", line, StringComparison.Ordinal);
            if (line.StartsWith("Dumping ", StringComparison.Ordinal))
                current = PartitionOf(line);
            else if (line.StartsWith("Non-consecutive offsets in ", StringComparison.Ordinal))
                withGaps = PartitionOf(line);
            else if (line.Contains(" is followed by ", StringComparison.Ordinal) && !line.StartsWith(BeginOfFile, StringComparison.Ordinal))
                withHoles.Add(withGaps.Topic);
            else if (Batch().Match(line) is { Success: true } match)
                batches.Add(ToBatch(current, match.Groups));
        }

        return new LogDump(batches, withHoles);
    }

    private static DumpedBatch ToBatch(TopicPartition partition, GroupCollection groups) => new(
        partition, Number(groups["base"]), Number(groups["last"]), (int)Number(groups["count"]), groups["codec"].Value,
        IsControl: groups["control"].Value == "true", IsTransactional: groups["transactional"].Value == "true",
        HasDeleteHorizon: groups["horizon"].Value != "OptionalLong.empty");

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    /// <summary>From the path of a file, whose directory is TOPIC-PARTITION.</summary>
    private static TopicPartition PartitionOf(string line)
    {
        string directory = Path.GetFileName(Path.GetDirectoryName(line.TrimEnd()))!;
        int dash = directory.LastIndexOf('-');
        return new TopicPartition(directory[..dash], int.Parse(directory[(dash + 1)..], CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(
        @"^baseOffset: (?<base>\d+) lastOffset: (?<last>\d+) count: (?<count>\d+) .*isTransactional: (?<transactional>true|false) isControl: (?<control>true|false) "
        + @"deleteHorizonMs: (?<horizon>\S+) .*compresscodec: (?<codec>\w+) .*isvalid: true",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Batch();
}
