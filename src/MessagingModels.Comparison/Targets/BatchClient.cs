using MessagingModels.Broker;
namespace MessagingModels.Comparison.Targets;

internal static class BatchClient
{
    public static Task ResendAsync(EmbeddedBroker broker, ProducerRecord record, ProducerOptions options, CancellationToken cancellationToken)
        => throw new InvalidOperationException($"{broker} {record} {options} {cancellationToken}");
}
