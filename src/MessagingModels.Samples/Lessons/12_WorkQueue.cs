using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class WorkQueue() : Lesson(12, "work-queue", "Workers compete for tasks; prefetch keeps a slow one from hoarding.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareQueueAsync("tasks", cancellationToken: stopping);

        // A prefetch of 1: no new task before the last one is acknowledged.
        QueueConsumerOptions oneAtATime = new() { Prefetch = 1 };
        await using IQueueConsumer slow = await broker.Exchanges.ConsumeAsync("tasks", oneAtATime, stopping);
        await using IQueueConsumer fast = await broker.Exchanges.ConsumeAsync("tasks", oneAtATime, stopping);

        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        for (int i = 0; i < 6; i++)
            await channel.PublishAsync("", "tasks", $"task {i}", MessageProperties.PersistentOnly, cancellationToken: stopping);
        output.WriteLine("Published 6 tasks to a queue with two workers.");

        // The slow worker takes one task and is busy with it until all the others are done.
        Delivery hard = await slow.ReadAsync(stopping).FirstAsync(stopping);
        output.WriteLine("The slow worker took one task.");

        int done = 0;
        await foreach (Delivery delivery in fast.ReadAsync(stopping).Take(5))
        {
            await delivery.AckAsync(cancellationToken: stopping);
            done++;
        }

        output.WriteLine($"Meanwhile the fast worker did {done}.");
        await hard.AckAsync(cancellationToken: stopping);

        QueueDescription queue = await broker.Exchanges.DescribeQueueAsync("tasks", stopping);
        while (queue.UnackedMessages > 0)
            queue = await broker.Exchanges.DescribeQueueAsync("tasks", stopping);
        output.WriteLine($"The slow worker did its 1. Left in the queue: {queue.ReadyMessages}.");
    }
}
