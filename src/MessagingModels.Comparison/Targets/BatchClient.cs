using MessagingModels.Broker;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Transactions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// A client of the embedded broker that hands over record batches itself, as one does that speaks the Kafka protocol: to send the very same batch
/// again when its response was lost, which the public producer has no occasion for.
/// </summary>
internal static class BatchClient
{
    /// <summary>Appends a record, drops the response and appends the same batch once more.</summary>
    public static async Task ResendAsync(EmbeddedBroker broker, ProducerRecord record, ProducerOptions options, CancellationToken cancellationToken)
    {
        ProducerIdentity identity = ProducerIdentity.None;
        if (options.Idempotence)
        {
            InitProducerIdResponse response = await broker.Transactions
                .InitProducerIdAsync(null, options.TransactionTimeout, null, cancellationToken).ConfigureAwait(false);
            identity = response.Producer;
        }

        Partition partition = broker.Topics.Get(new TopicPartition(record.Topic, record.Partition ?? 0));
        byte[] sent = Encode(record, identity);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            // The broker writes offsets into what it is handed.
            byte[] copy = [.. sent];
            await partition.AppendAsync(copy, options.Acks, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] Encode(ProducerRecord record, ProducerIdentity identity)
    {
        RecordBatchBuilder builder = new();
        builder.Append(
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), record.Key.GetValueOrDefault().Span, record.Key.HasValue,
            record.Value.GetValueOrDefault().Span, record.Value.HasValue);
        return builder.Build(producerId: identity.ProducerId, producerEpoch: identity.Epoch, baseSequence: identity == ProducerIdentity.None ? -1 : 0).ToArray();
    }
}
