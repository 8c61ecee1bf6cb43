using System.CommandLine;
using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm consume</c>: reads a topic, as a group or without one, or takes the messages of a queue. Ends when there is no more.</summary>
internal static class ConsumeCommand
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        Option<string> data = DataDirectoryOption.Create();
        Option<string?> topic = new("--topic", "-t") { Description = "The topic to read." };
        Option<string?> queue = new("--queue", "-q") { Description = "The queue to take messages from." };
        Option<string?> group = new("--group", "-g") { Description = "The group that reads the topic, from its committed offsets; none to read from the start." };
        Option<long> count = new("--count", "-n") { Description = "How many at most.", DefaultValueFactory = _ => long.MaxValue, HelpName = "N" };
        Command command = new("consume", "Read a topic or take the messages of a queue, until there is no more.") { data, topic, queue, group, count };
        command.Validators.Add(result => PublishCommand.RequireOne(result, topic, queue));
        command.Validators.Add(result =>
        {
            if (result.GetResult(group) is not null && result.GetResult(topic) is null)
                result.AddError("--group needs --topic.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            if (parsed.GetValue(topic) is { } name)
                await ReadTopicAsync(broker.Log, name, parsed.GetValue(group), parsed.GetValue(count), output, cancellationToken);
            else
                await TakeAsync(broker.Exchanges, parsed.GetValue(queue)!, parsed.GetValue(count), output, cancellationToken);
        });
        return command;
    }

    private static async Task ReadTopicAsync(
        ILogBroker log, string topic, string? group, long count, TextWriter output, CancellationToken cancellationToken)
    {
        TopicDescription description = await log.DescribeTopicAsync(topic, cancellationToken);
        await using ILogConsumer consumer = log.CreateConsumer(new ConsumerOptions
        {
            GroupId = group,
            OffsetReset = OffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        });
        await consumer.AssignAsync(
            [.. description.Partitions.Select(partition => new TopicPartition(topic, partition.Partition))], cancellationToken);

        while (count > 0 && await LagAsync(consumer, cancellationToken) > 0)
        {
            int most = (int)Math.Min(count, 500);
            foreach (LogRecord record in await consumer.PollAsync(PollTime, most, cancellationToken))
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{record.Partition}:{record.Offset}\t{record.KeyText}\t{record.ValueText}"));
                count--;
            }
        }

        if (group is not null)
            await consumer.CommitAsync(cancellationToken);
    }

    private static async Task<long> LagAsync(ILogConsumer consumer, CancellationToken cancellationToken)
    {
        long lag = 0;
        foreach (TopicPartition partition in consumer.Assignment)
            lag += await consumer.LagAsync(partition, cancellationToken);
        return lag;
    }

    private static async Task TakeAsync(
        IExchangeBroker exchanges, string queue, long count, TextWriter output, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(cancellationToken: cancellationToken);
        for (; count > 0 && await channel.GetAsync(queue, cancellationToken: cancellationToken) is { } delivery; count--)
        {
            output.WriteLine($"{delivery.RoutingKey}\t{delivery.Text}");
            // Acknowledged once it is printed: an interrupted command loses nothing.
            await delivery.AckAsync(cancellationToken: cancellationToken);
        }
    }
}
