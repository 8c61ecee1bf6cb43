namespace MessagingModels.Comparison.Targets;

/// <summary>A system that a comparison can run on.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="StartAsync">Starts or connects to it; throws <see cref="TargetUnavailableException"/> where it cannot be had.</param>
internal sealed record TargetEntry(string Name, Func<ComparisonOptions, WorkDirectory, CancellationToken, Task<IComparisonTarget>> StartAsync);

/// <summary>A target cannot be had; the message says why and what to do, in one line.</summary>
internal sealed class TargetUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>False where there was nothing to try, as in <see cref="Provisioning.BrokerUnavailableException.WasConfigured"/>: then its absence is no failure.</summary>
    public bool WasConfigured { get; init; } = true;
}

/// <summary>The systems that a comparison can run on.</summary>
internal static class TargetCatalog
{
    /// <summary>By name, in the order in which they run.</summary>
    public static IReadOnlyList<TargetEntry> All { get; } =
    [
        new(NativeTarget.Name, static (_, directory, _) => Task.FromResult<IComparisonTarget>(new NativeTarget(directory))),
        new(KafkaTarget.Name, static async (options, directory, stop) => await KafkaTarget.StartAsync(options, directory, stop).ConfigureAwait(false)),
        new(RabbitMqTarget.Name, static async (options, directory, stop) => await RabbitMqTarget.StartAsync(options, directory, stop).ConfigureAwait(false)),
    ];

    /// <summary>The targets that the user named; all where none was.</summary>
    /// <exception cref="ComparisonInputException">A name is unknown.</exception>
    public static IReadOnlyList<TargetEntry> Select(ComparisonOptions options)
    {
        foreach (string name in options.Targets)
        {
            if (!All.Any(target => Matches(target.Name, name)))
                throw new ComparisonInputException($"There is no target '{name}'. There are: {string.Join(", ", All.Select(static target => target.Name))}.");
        }

        return options.Targets.Count == 0 ? All : [.. All.Where(target => options.Targets.Any(name => Matches(target.Name, name)))];
    }

    /// <summary>Whether the user named a target or gave its address: not to get it is a failure then, and no mere absence.</summary>
    public static bool WasAsked(ComparisonOptions options, string name)
        => options.Targets.Any(asked => Matches(name, asked))
            || (options.Kafka is not null && Matches(name, KafkaTarget.Name)) || (options.RabbitMq is not null && Matches(name, RabbitMqTarget.Name));

    private static bool Matches(string name, string asked) => string.Equals(name, asked, StringComparison.OrdinalIgnoreCase);
}
