using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A message of the workload.</summary>
/// <param name="Key">Decides the partition.</param>
/// <param name="Route">The routing key: words with dots between them.</param>
/// <param name="Body">The payload.</param>
internal readonly record struct WorkloadMessage(string Key, string Route, ReadOnlyMemory<byte> Body);

/// <summary>The messages that the claims are tried with: the user's, or generated ones with skewed keys and hierarchical routes.</summary>
internal sealed class Workload
{
    private Workload(IReadOnlyList<WorkloadMessage> messages, WorkloadSummary summary)
    {
        Messages = messages;
        Summary = summary;
    }

    public IReadOnlyList<WorkloadMessage> Messages { get; }

    public WorkloadSummary Summary { get; }

    /// <exception cref="ComparisonInputException">The file cannot be used, or a field's name is missing.</exception>
    public static async Task<Workload> LoadAsync(ComparisonOptions options, CancellationToken cancellationToken)
    {
        if (options.MessagesFile is not { } path)
        {
            return options.KeyField is null && options.RouteField is null
                ? Create("generated", GeneratedWorkload.Create(), [], 0)
                : throw new ComparisonInputException("--key and --route name fields of a messages file; give that with --messages FILE.");
        }

        if (string.IsNullOrEmpty(options.KeyField) || string.IsNullOrEmpty(options.RouteField))
        {
            throw new ComparisonInputException(
                "--messages needs --key FIELD and --route FIELD: the fields that give partition key and routing key.");
        }

        WorkloadFile file = await WorkloadFile.ReadAsync(path, options.KeyField, options.RouteField, options.Strict, cancellationToken)
            .ConfigureAwait(false);
        return Create(Path.GetFileName(path), file.Messages, file.BadLines, file.BadLineCount);
    }

    internal static Workload Create(
        string source, IReadOnlyList<WorkloadMessage> messages, IReadOnlyList<BadLine> badLines, int badLineCount)
    {
        Dictionary<string, int> keys = [];
        HashSet<string> routes = [];
        long bytes = 0;
        foreach (WorkloadMessage message in messages)
        {
            keys[message.Key] = keys.GetValueOrDefault(message.Key) + 1;
            routes.Add(message.Route);
            bytes += message.Body.Length;
        }

        return new Workload(messages, new WorkloadSummary(
            source, messages.Count, keys.Count, routes.Count, (double)keys.Values.Max() / messages.Count,
            (double)bytes / messages.Count, badLines, badLineCount));
    }

    /// <summary>The first messages, as many as asked for or as there are.</summary>
    public IReadOnlyList<WorkloadMessage> Take(int count) => Messages.Count <= count ? Messages : [.. Messages.Take(count)];
}
