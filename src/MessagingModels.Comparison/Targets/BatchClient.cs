using MessagingModels.Broker;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// A client of the embedded broker that hands over record batches itself, as one does that speaks the Kafka protocol: to send the very same batch
/// again when its response was lost, which the public producer has no occasion for.
/// </summary>
internal static class BatchClient
{
    /// <summary>Appends a record, drops the response and appends the same batch once more.</summary>
    public static Task ResendAsync(EmbeddedBroker broker, ProducerRecord record, ProducerOptions options, CancellationToken cancellationToken)
        => throw new NotSupportedException($"{broker} {record} {options} {cancellationToken}");
}
