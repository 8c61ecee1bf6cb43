using System.Diagnostics;

namespace MessagingModels;

/// <summary>
/// Traces and metrics, by OpenTelemetry's messaging conventions (Semantic Conventions for Messaging Spans, and for Messaging Client Metrics).
/// Switched on by <c>AddSource(MessagingDiagnostics.Name)</c> and <c>AddMeter(MessagingDiagnostics.Name)</c>; costs next to nothing while off.
/// </summary>
public static class MessagingDiagnostics
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the meter.</summary>
    public const string Name = "MessagingModels";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Starts the span under which a record is processed; its parent is the span under which the record was produced.</summary>
    /// <param name="record">The record.</param>
    /// <param name="groupId">The consumer's group, or null.</param>
    /// <returns>The span, to be disposed when the record is done with; null where nobody listens.</returns>
    public static Activity? StartProcessing(in LogRecord record, string? groupId = null)
    {
        if (!Source.HasListeners())
            return null;
        Activity? activity = Start(MessagingOperation.Process, ObservedDestination.OfTopic(record.Topic), TraceContext.Extract(record.Headers));
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(MessagingTags.PartitionId, record.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture));
            activity.SetTag(MessagingTags.Offset, record.Offset.Value);
            if (groupId is not null)
                activity.SetTag(MessagingTags.ConsumerGroup, groupId);
        }

        return activity;
    }

    /// <summary>Starts the span under which a delivery is processed; its parent is the span under which the message was published.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="queue">The queue it came from.</param>
    /// <returns>The span, to be disposed when the message is done with; null where nobody listens.</returns>
    public static Activity? StartProcessing(in Delivery delivery, string queue)
    {
        if (!Source.HasListeners())
            return null;
        ObservedDestination source = ObservedDestination.OfDelivery(delivery.Exchange, delivery.RoutingKey, queue);
        Activity? activity = Start(MessagingOperation.Process, source, TraceContext.Extract(delivery.Properties));
        if (activity is { IsAllDataRequested: true })
        {
            SetRoutingKey(activity, delivery.RoutingKey);
            activity.SetTag(MessagingTags.DeliveryTag, (long)delivery.DeliveryTag);
        }

        return activity;
    }

    /// <summary>True while someone listens to spans, or to what sends are measured by.</summary>
    internal static bool ObservesSends => ObservesSpans || MessagingMetrics.MeasuresSends;

    /// <summary>True while someone listens to spans.</summary>
    internal static bool ObservesSpans => Source.HasListeners();

    /// <summary>Starts the span of a client's operation.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="destination">What it is directed at.</param>
    /// <param name="parent">The span it belongs to; default for the current one.</param>
    /// <param name="system">The system; null for the embedded one.</param>
    /// <returns>The span; null where nobody listens.</returns>
    internal static Activity? Start(
        MessagingOperation operation, in ObservedDestination destination, ActivityContext parent = default, MessagingSystem? system = null)
    {
        if (!Source.HasListeners())
            return null;
        string name = destination.Label is { } label ? $"{operation.Name} {label}" : operation.Name;
        // Given at the start, since samplers decide by them.
        TagList tags = default;
        (system ?? MessagingSystem.Embedded).AddTo(ref tags);
        tags.Add(MessagingTags.OperationName, operation.Name);
        tags.Add(MessagingTags.OperationType, operation.Type);
        tags.Add(MessagingTags.Destination, destination.Name);
        if (destination is { IsRouted: true, Label: { } template })
            tags.Add(MessagingTags.DestinationTemplate, template);
        if (destination.IsAnonymous)
            tags.Add(MessagingTags.DestinationAnonymous, true);
        return Source.StartActivity(name, operation.Kind, parent, tags);
    }

    /// <summary>Says the routing key, where there is one.</summary>
    internal static void SetRoutingKey(Activity activity, string routingKey)
    {
        if (routingKey.Length > 0)
            activity.SetTag(MessagingTags.RoutingKey, routingKey);
    }

    /// <summary>Marks a span as failed.</summary>
    internal static void Fail(Activity? activity, Exception error)
    {
        if (activity is null)
            return;
        activity.SetTag(MessagingTags.ErrorType, MessagingTags.ErrorTypeOf(error));
        activity.SetStatus(ActivityStatusCode.Error, error.Message);
    }
}
