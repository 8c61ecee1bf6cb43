using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class Acknowledgements() : Lesson(
    13, "acknowledgements", "What is not acknowledged comes back; automatic acknowledgement gives it up when it is sent.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareQueueAsync("tasks", cancellationToken: stopping);
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        foreach (string task in new[] { "first", "second", "third" })
            await channel.PublishAsync("", "tasks", task, cancellationToken: stopping);

        // A worker takes a task and dies: its channel closes, and the task goes back to its old place.
        await using (IExchangeChannel dying = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping))
        {
            Delivery taken = (await dying.GetAsync("tasks", cancellationToken: stopping))!.Value;
            output.WriteLine($"A worker took '{taken.Text}' (redelivered: {taken.Redelivered}) and died.");
        }

        Delivery again = await TakeAsync(channel, stopping);
        output.WriteLine($"The next worker got '{again.Text}' (redelivered: {again.Redelivered}).");

        // Not now: back to the front of the queue.
        await again.NackAsync(requeue: true, cancellationToken: stopping);
        Delivery oncemore = await TakeAsync(channel, stopping);
        output.WriteLine($"It gave the task back and got '{oncemore.Text}' again: order is kept.");

        // Never: away with it, or to the dead letters where the queue has an exchange for them.
        await oncemore.RejectAsync(requeue: false, cancellationToken: stopping);
        Delivery second = await TakeAsync(channel, stopping);
        Delivery third = await TakeAsync(channel, stopping);
        output.WriteLine($"It rejected the task for good and got '{second.Text}' and '{third.Text}'.");

        // One acknowledgement for all that came before on the channel.
        await third.AckAsync(multiple: true, stopping);
        output.WriteLine($"Both acknowledged at once; taking another gives {(await channel.GetAsync("tasks", cancellationToken: stopping) is null ? "nothing" : "more")}.");

        // With automatic acknowledgement the same death loses the message.
        await channel.PublishAsync("", "tasks", "fourth", cancellationToken: stopping);
        await using (IExchangeChannel dying = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping))
            await dying.GetAsync("tasks", autoAck: true, stopping);
        output.WriteLine($"A worker with automatic acknowledgement died over 'fourth': {(await channel.GetAsync("tasks", cancellationToken: stopping) is null ? "lost" : "back")}.");
    }

    /// <summary>Takes the next message, waiting until it is back in its queue.</summary>
    private static async Task<Delivery> TakeAsync(IExchangeChannel channel, CancellationToken stopping)
    {
        while (true)
        {
            if (await channel.GetAsync("tasks", cancellationToken: stopping) is { } delivery)
                return delivery;
            await Task.Delay(TimeSpan.FromMilliseconds(1), stopping);
        }
    }
}
