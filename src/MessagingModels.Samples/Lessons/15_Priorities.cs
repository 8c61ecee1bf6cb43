using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class Priorities() : Lesson(15, "priorities", "A waiting message of higher priority goes first.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareQueueAsync("patients", new QueueArguments { MaxPriority = 5 }, stopping);
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);

        (string Patient, byte? Priority)[] arrivals =
            [("a cold", null), ("a cut", 2), ("a heart attack", 5), ("another cut", 2), ("a stroke", 9), ("a cough", 0)];
        foreach ((string patient, byte? priority) in arrivals)
        {
            await channel.PublishAsync(
                "", "patients", patient, new MessageProperties { Priority = priority }, cancellationToken: stopping);
            output.WriteLine($"Arrived: {patient} (priority {priority?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none, counts as 0"})");
        }

        // Equal priorities keep their order; what lies above the queue's maximum counts as the maximum.
        await using IQueueConsumer doctor = await broker.Exchanges.ConsumeAsync("patients", cancellationToken: stopping);
        await foreach (Delivery delivery in doctor.ReadAsync(stopping).Take(arrivals.Length))
        {
            output.WriteLine($"Treated: {delivery.Text}");
            await delivery.AckAsync(cancellationToken: stopping);
        }
    }
}
