using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Fault.Child;

/// <summary>Writes three records over two topics in each transaction and commits two of three transactions.</summary>
internal static class TransactionWorkload
{
    public static async Task RunAsync(EmbeddedBroker broker, AcknowledgedLines lines, string round)
    {
        foreach (string topic in new[] { "left", "right" })
        {
            if (!(await broker.Log.ListTopicsAsync()).Contains(topic))
                await broker.Log.CreateTopicAsync(topic, partitions: 2);
        }

        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "load" });
        for (long n = 0; ; n++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"t{round}:{n}");
            ILogTransaction transaction = await producer.BeginTransactionAsync();
            await producer.ProduceAsync(new ProducerRecord("left", (string?)null, id) { Partition = 0 });
            await producer.ProduceAsync(new ProducerRecord("left", (string?)null, id) { Partition = 1 });
            await producer.ProduceAsync(new ProducerRecord("right", (string?)null, id) { Partition = 0 });
            if (n % 3 == 2)
            {
                await transaction.AbortAsync();
                lines.Write($"aborted {id}");
            }
            else
            {
                await transaction.CommitAsync();
                lines.Write($"committed {id}");
            }
        }
    }
}
