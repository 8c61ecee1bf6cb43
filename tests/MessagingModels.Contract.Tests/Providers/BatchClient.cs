using MessagingModels.Broker;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Transactions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>
/// A client that hands record batches to the embedded broker itself, as one does that speaks Kafka's protocol. The broker's own producer is in
/// its process and loses no answers: it has no occasion to send a batch twice.
/// </summary>
internal sealed class BatchClient(EmbeddedBroker broker, bool idempotence)
{
    public async Task WriteAsync(TopicPartition partition, string[] values, int lost)
    {
        ProducerIdentity identity = idempotence
            ? (await broker.Transactions.InitProducerIdAsync(null, TimeSpan.FromMinutes(1), null, TestContext.Current.CancellationToken)).Producer
            : ProducerIdentity.None;
        Partition target = broker.Topics.Get(partition);
        for (int i = 0; i < values.Length; i++)
        {
            byte[] batch = Encode(values[i], identity, i);
            for (int attempt = 0; attempt < (i == lost ? 2 : 1); attempt++)
            {
                // The broker writes offsets into what it is handed.
                byte[] sent = [.. batch];
                await target.AppendAsync(sent, Acks.All, cancellationToken: TestContext.Current.CancellationToken);
            }
        }
    }

    private static byte[] Encode(string value, ProducerIdentity identity, int sequence)
    {
        RecordBatchBuilder builder = new();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), default, false, System.Text.Encoding.UTF8.GetBytes(value), true);
        return builder.Build(
            producerId: identity.ProducerId, producerEpoch: identity.Epoch, baseSequence: identity == ProducerIdentity.None ? -1 : sequence).ToArray();
    }
}
