using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class FanoutExchange() : Lesson(9, "fanout", "Publish and subscribe: every bound queue gets a copy.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareExchangeAsync("news", ExchangeType.Fanout, stopping);

        // Each subscriber has a queue of its own. The broker chooses the name; the queue goes when its consumer does.
        List<IQueueConsumer> subscribers = [];
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        for (int i = 0; i < 3; i++)
        {
            QueueDeclared queue = await broker.Exchanges.DeclareQueueAsync(
                new QueueDeclaration("") { Durable = false, AutoDelete = true }, stopping);
            await broker.Exchanges.BindQueueAsync(queue.Name, "news", cancellationToken: stopping);
            subscribers.Add(await channel.ConsumeAsync(queue.Name, new QueueConsumerOptions { AutoAck = true }, stopping));
        }

        output.WriteLine($"{subscribers.Count} subscribers, each with a queue of its own.");

        // The routing key plays no part.
        await channel.PublishAsync("news", "", "it rains", cancellationToken: stopping);
        await channel.PublishAsync("news", "weather", "it rains no more", cancellationToken: stopping);

        for (int i = 0; i < subscribers.Count; i++)
        {
            List<string> texts = await subscribers[i].ReadAsync(stopping).Take(2).Select(delivery => delivery.Text).ToListAsync(stopping);
            output.WriteLine($"Subscriber {i + 1} got: {string.Join("; ", texts)}");
        }

        // A subscriber that comes later gets what is published from then on; a log would give it everything.
        foreach (IQueueConsumer subscriber in subscribers)
            await subscriber.DisposeAsync();
        while ((await broker.Exchanges.ListQueuesAsync(stopping)).Count > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), stopping);
        output.WriteLine("The subscribers have gone, and their queues with them.");
    }
}
