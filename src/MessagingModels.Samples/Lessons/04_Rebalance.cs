using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class Rebalance() : Lesson(4, "rebalance", "Partitions move when members come and go; a listener hears of it.")
{
    private static readonly ConsumerOptions Member = new()
    {
        GroupId = "billing",
        OffsetReset = OffsetReset.Earliest,
        // Only what moves is taken away; with the other strategies every member gives up everything first.
        AssignmentStrategies = [AssignmentStrategy.CooperativeSticky],
    };

    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", partitions: 4, stopping);

        await using ILogConsumer first = broker.Log.CreateConsumer(Member);
        await first.SubscribeAsync(["orders"], new Announcer("first", output), stopping);
        output.WriteLine($"Alone, the first member has {first.Assignment.Count} partitions.");

        ILogConsumer second = broker.Log.CreateConsumer(Member);
        await using (second)
        {
            output.WriteLine("A second member joins.");
            Task joining = second.SubscribeAsync(["orders"], new Announcer("second", output), stopping).AsTask();
            // Members hear of a rebalance, and take part in it, while they read.
            while (!joining.IsCompleted || first.Assignment.Count != 2 || second.Assignment.Count != 2)
            {
                await first.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping);
                if (joining.IsCompleted)
                    await second.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping);
            }

            await joining;
            output.WriteLine($"Now the first has {first.Assignment.Count} and the second {second.Assignment.Count}.");
            output.WriteLine("The second member leaves.");
        }

        while (first.Assignment.Count != 4)
            await first.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping);
        output.WriteLine($"The first member has {first.Assignment.Count} partitions again.");
        GroupDescription group = await broker.Log.DescribeGroupAsync("billing", stopping);
        output.WriteLine($"The group is {group.Status}, with {group.Members.Count} member, by the strategy {group.AssignmentStrategy}.");
    }

    private sealed class Announcer(string name, TextWriter output) : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => Announce("gets", partitions);

        // The place to commit what was processed: the next owner starts from there.
        public ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => Announce("gives up", partitions);

        public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => Announce("has lost", partitions);

        private ValueTask Announce(string what, IReadOnlyCollection<TopicPartition> partitions)
        {
            if (partitions.Count > 0)
                output.WriteLine($"  {name} {what} {string.Join(", ", partitions.Select(p => p.ToString()).Order(StringComparer.Ordinal))}");
            return ValueTask.CompletedTask;
        }
    }
}
