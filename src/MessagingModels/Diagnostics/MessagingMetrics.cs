using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MessagingModels;

/// <summary>The client metrics of the conventions. Nothing is measured, and nothing allocated, while nobody listens.</summary>
internal static class MessagingMetrics
{
    private static readonly Meter Meter = new(MessagingDiagnostics.Name);

    private static readonly Counter<long> SentMessages = Meter.CreateCounter<long>(
        "messaging.client.sent.messages", "{message}", "Number of messages producer attempted to send to the broker.");

    private static readonly Counter<long> ConsumedMessages = Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Number of messages that were delivered to the application.");

    private static readonly Histogram<double> OperationDuration = Meter.CreateHistogram<double>(
        "messaging.client.operation.duration", "s", "Duration of messaging operation initiated by a producer or consumer client.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        });

    /// <summary>True while someone listens to what sends are measured by.</summary>
    public static bool MeasuresSends => SentMessages.Enabled || OperationDuration.Enabled;

    /// <summary>True while someone listens to what receives are measured by.</summary>
    public static bool MeasuresReceives => ConsumedMessages.Enabled || OperationDuration.Enabled;

    /// <summary>The moment at which an operation begins; 0 while durations are not measured.</summary>
    public static long Begin() => OperationDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Counts messages that were sent, or failed to be.</summary>
    /// <param name="operation">How they were sent.</param>
    /// <param name="destination">The topic, or the <see cref="ObservedDestination.LabelOfExchange"/>.</param>
    /// <param name="messages">How many.</param>
    /// <param name="error">Why they failed, or null.</param>
    /// <param name="system">The system; null for the embedded one.</param>
    public static void Sent(MessagingOperation operation, string destination, long messages, Exception? error = null, MessagingSystem? system = null)
    {
        if (SentMessages.Enabled)
            SentMessages.Add(messages, Tags(operation, destination, null, error, system));
    }

    /// <summary>Counts messages that were handed to the application.</summary>
    /// <param name="operation">How they were received.</param>
    /// <param name="destination">The topic, or the <see cref="ObservedDestination.LabelOfQueue"/>.</param>
    /// <param name="group">The consumer's group, or null.</param>
    /// <param name="messages">How many.</param>
    /// <param name="system">The system; null for the embedded one.</param>
    public static void Consumed(MessagingOperation operation, string? destination, string? group, long messages, MessagingSystem? system = null)
    {
        if (ConsumedMessages.Enabled && messages > 0)
            ConsumedMessages.Add(messages, Tags(operation, destination, group, null, system));
    }

    /// <summary>Records how long an operation took.</summary>
    /// <param name="operation">What was done.</param>
    /// <param name="destination">The topic, or what stands for the exchange or queue; null where nothing does, and where there are several.</param>
    /// <param name="begin">What <see cref="Begin"/> answered.</param>
    /// <param name="group">The consumer's group, or null.</param>
    /// <param name="error">Why it failed, or null.</param>
    /// <param name="system">The system; null for the embedded one.</param>
    public static void Ended(
        MessagingOperation operation, string? destination, long begin, string? group = null, Exception? error = null,
        MessagingSystem? system = null)
    {
        if (begin != 0)
            OperationDuration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, Tags(operation, destination, group, error, system));
    }

    private static TagList Tags(MessagingOperation operation, string? destination, string? group, Exception? error, MessagingSystem? system)
    {
        TagList tags = default;
        (system ?? MessagingSystem.Embedded).AddTo(ref tags);
        tags.Add(MessagingTags.OperationName, operation.Name);
        tags.Add(MessagingTags.OperationType, operation.Type);
        // A name goes with a measurement only if few values of it are known to be in use (note on the name in the metrics' conventions).
        if (destination is not null)
            tags.Add(operation.IsRouted ? MessagingTags.DestinationTemplate : MessagingTags.Destination, destination);
        if (group is not null)
            tags.Add(MessagingTags.ConsumerGroup, group);
        if (error is not null)
            tags.Add(MessagingTags.ErrorType, MessagingTags.ErrorTypeOf(error));
        return tags;
    }
}
