using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// Where a message lives whose publisher says nothing of it: the broker's data directory is read while the messages wait. What a restart leaves does
/// not show that, since a broker may write what it throws away when it starts.
/// </summary>
internal static class DefaultStorage
{
    /// <summary>The finding's sentence.</summary>
    public const string Statement = "A message lives in memory unless its publisher says otherwise.";

    private const int Messages = 500;
    private const int SmallBytes = 1024;
    private const int LargeBytes = 16 * 1024;

    /// <summary>Less than this share of what was published is bookkeeping, not the messages.</summary>
    private const double Bookkeeping = 0.25;

    // Longer than brokers hold back what they will write anyway.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>Publishes small and large messages without properties to durable queues, and reads how the data directory grew.</summary>
    public static async Task<Finding> FindAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        if (await MeasureAsync(session, SmallBytes, cancellationToken).ConfigureAwait(false) is not { } small
            || await MeasureAsync(session, LargeBytes, cancellationToken).ConfigureAwait(false) is not { } large)
        {
            return Observe.Nothing(Statement, "a look at the data directory, so a broker that this run started as a local process");
        }

        return From(small, large, context.Target.Description.Place == TargetDescription.InProcess);
    }

    /// <summary>What the growth of the data directory says of the statement.</summary>
    /// <param name="small">Bytes that small messages added to it.</param>
    /// <param name="large">Bytes that large messages added to it.</param>
    /// <param name="isEmbedded">True for a broker that can do without a data directory, and then keeps everything in memory.</param>
    internal static Finding From(long small, long large, bool isEmbedded)
    {
        bool areSmallInMemory = small < Bookkeeping * Messages * SmallBytes;
        bool areLargeInMemory = large < Bookkeeping * Messages * LargeBytes;
        string Grew(long bytes, int size) => $"by {Figures.Bytes(bytes)} for {Figures.Bytes((long)Messages * size)} in messages of {Figures.Bytes(size)}";
        string limit = isEmbedded ? $"the embedded broker has no data directory, as by default; one that it was given grew {Grew(small, SmallBytes)}"
            : areSmallInMemory ? $"they are small: the data directory grew {Grew(large, LargeBytes)}" : $"they are large: the data directory grew {Grew(small, SmallBytes)}";
        return Observe.Under(
            limit, Statement, isEmbedded || areSmallInMemory || areLargeInMemory, areSmallInMemory && areLargeInMemory,
            $"Published without properties to durable queues, and waiting there: the data directory grew {Grew(small, SmallBytes)} and {Grew(large, LargeBytes)}.",
            $"the data directory grew {Grew(small, SmallBytes)} and {Grew(large, LargeBytes)}, before any restart", isEssential: true);
    }

    /// <returns>By how many bytes the data directory grew; null where it cannot be read.</returns>
    private static async Task<long?> MeasureAsync(TargetSession session, int bodyBytes, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync($"default-{bodyBytes}", cancellationToken).ConfigureAwait(false);
        await Task.Delay(Settling, cancellationToken).ConfigureAwait(false);
        long? before = session.ReadStoredBytes();
        byte[] body = Load.CreateBody(bodyBytes, 1);
        await Fill.ExchangeAsync(session, "", Enumerable.Repeat(new OutgoingMessage(queue, body), Messages), cancellationToken).ConfigureAwait(false);
        await Task.Delay(Settling, cancellationToken).ConfigureAwait(false);
        return session.ReadStoredBytes() - before;
    }
}
