using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class DeadLetters() : Lesson(
    14, "dead-letters", "A task that fails is tried again after a delay, and set aside when it has failed too often.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        IExchangeBroker exchanges = broker.Exchanges;

        // What has failed too often is published to the exchange "failed", which keeps it in the queue "set aside".
        await exchanges.DeclareExchangeAsync("failed", ExchangeType.Fanout, stopping);
        await exchanges.DeclareQueueAsync("set aside", cancellationToken: stopping);
        await exchanges.BindQueueAsync("set aside", "failed", cancellationToken: stopping);

        await exchanges.DeclareQueueAsync(
            "tasks",
            new QueueArguments
            {
                QueueType = QueueType.Quorum,
                DeadLetterExchange = "failed",
                DeliveryLimit = 2,                                      // the first delivery and two more
                DelayedRetryType = "all",
                DelayedRetryMin = TimeSpan.FromMilliseconds(50),        // grows with each failure
                DelayedRetryMax = TimeSpan.FromSeconds(1),
            },
            stopping);

        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(cancellationToken: stopping);
        await channel.PublishAsync("", "tasks", "impossible", MessageProperties.PersistentOnly, cancellationToken: stopping);
        await channel.PublishAsync("", "tasks", "easy", MessageProperties.PersistentOnly, cancellationToken: stopping);

        await using IQueueConsumer worker = await exchanges.ConsumeAsync("tasks", new QueueConsumerOptions { Prefetch = 1 }, stopping);
        int attempts = 0;
        await foreach (Delivery delivery in worker.ReadAsync(stopping).Take(4))
        {
            if (delivery.Text == "easy")
            {
                await delivery.AckAsync(cancellationToken: stopping);
                output.WriteLine("easy: done, while the other waits for its retry");
                continue;
            }

            attempts++;
            output.WriteLine($"impossible: attempt {attempts} failed");
            // A nack would give it back, too, but not count as a failure: as if it had not been tried.
            await delivery.RejectAsync(requeue: true, cancellationToken: stopping);
        }

        await using IQueueConsumer operatorOnDuty = await exchanges.ConsumeAsync("set aside", cancellationToken: stopping);
        Delivery dead = await operatorOnDuty.ReadAsync(stopping).FirstAsync(stopping);
        await dead.AckAsync(cancellationToken: stopping);

        // RabbitMQ's record of what happened to it.
        var death = (IReadOnlyDictionary<string, object?>)((IReadOnlyList<object?>)dead.Properties.Headers["x-death"]!)[0]!;
        output.WriteLine($"Set aside: {dead.Text}, because of {death["reason"]}, from the queue {death["queue"]}.");
    }
}
