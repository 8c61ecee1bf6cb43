using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class IdempotenceAndTransactions() : Lesson(
    7, "idempotence-and-transactions", "Read, process and write exactly once, also when a worker dies in between.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("invoices", cancellationToken: stopping);

        // Producers number their batches unless told otherwise: the broker stores a batch that is sent again only once.
        await using (ILogProducer shop = broker.Log.CreateProducer())
        {
            output.WriteLine($"The shop's producer is idempotent: {shop.Options.Idempotence}.");
            await shop.ProduceAsync("orders", "alice", "tea", stopping);
            await shop.ProduceAsync("orders", "bob", "cake", stopping);
        }

        // The first worker writes its invoices but dies before it commits.
        ILogProducer dead = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "biller" });
        await using (dead)
        {
            await dead.BeginTransactionAsync(stopping);
            await dead.ProduceAsync("invoices", "alice", "tea: 3 EUR", stopping);
            output.WriteLine("A worker wrote an invoice and hangs before its commit.");

            // Its successor has the same transactional id: it aborts what was open and fences the other off.
            await BillAsync(broker.Log, output, stopping);
            try
            {
                await dead.ProduceAsync("invoices", "bob", "cake: 5 EUR", stopping);
            }
            catch (LogException error) when (error.IsFenced)
            {
                output.WriteLine("When the first worker wakes up it is refused: it was fenced.");
            }
        }

        output.WriteLine($"All that was ever written: {await ReadInvoicesAsync(broker.Log, IsolationLevel.ReadUncommitted, stopping)}");
        output.WriteLine($"What is committed:         {await ReadInvoicesAsync(broker.Log, IsolationLevel.ReadCommitted, stopping)}");
    }

    /// <summary>Turns each order into an invoice; the invoice and the offset of its order are committed together.</summary>
    private static async Task BillAsync(ILogBroker log, TextWriter output, CancellationToken stopping)
    {
        await using ILogConsumer orders = await log.JoinGroupAsync("billing", "orders");
        await using ILogProducer invoices = log.CreateProducer(new ProducerOptions { TransactionalId = "biller" });
        await foreach (LogRecord order in orders.ReadAsync(stopping).Take(2))
        {
            await using ILogTransaction transaction = await invoices.BeginTransactionAsync(stopping);
            await invoices.ProduceAsync("invoices", order.KeyText, $"{order.ValueText}: {(order.ValueText == "tea" ? 3 : 5)} EUR", stopping);
            await transaction.SendOffsetsAsync(
                [new TopicPartitionOffset(order.Topic, order.Partition, order.Offset.Next)], orders.Membership, stopping);
            await transaction.CommitAsync(stopping);
            output.WriteLine($"Its successor billed {order.KeyText}'s {order.ValueText} and committed.");
        }
    }

    private static async Task<string> ReadInvoicesAsync(ILogBroker log, IsolationLevel isolation, CancellationToken stopping)
    {
        await using ILogConsumer reader = log.CreateConsumer(
            new ConsumerOptions { IsolationLevel = isolation, OffsetReset = OffsetReset.Earliest });
        await reader.AssignAsync([new TopicPartition("invoices", 0)], stopping);
        List<string?> read = [];
        while (await reader.LagAsync(new TopicPartition("invoices", 0), stopping) > 0)
            read.AddRange((await reader.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping)).Select(record => record.ValueText));
        return string.Join("; ", read);
    }
}
