using System.CommandLine;
using System.Globalization;
using MessagingModels.Broker;
using MessagingModels.Cli.Output;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm topic</c>: creates, lists, describes and deletes the topics of a data directory.</summary>
internal static class TopicCommand
{
    public static Command Create() => new("topic", "Create, list, describe and delete topics.")
    {
        CreateCreate(),
        CreateList(),
        CreateDescribe(),
        CreateDelete(),
    };

    private static Command CreateCreate()
    {
        Argument<string> name = new("TOPIC");
        Option<string> data = DataDirectoryOption.Create();
        Option<int> partitions = new("--partitions", "-p") { Description = "How many partitions.", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<Dictionary<string, string>> config = NameValue.Option("--config", "A setting under Kafka's name, for example retention.ms=60000.");
        Command command = new("create", "Create a topic.") { name, data, partitions, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenOrCreateAsync(parsed.GetRequiredValue(data), cancellationToken);
            TopicSpecification topic = new(parsed.GetRequiredValue(name), parsed.GetValue(partitions)) { Configuration = parsed.GetRequiredValue(config) };
            await broker.Log.CreateTopicAsync(topic, cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Created the topic {topic.Name} with {Count(topic.Partitions, "partition")}.");
        });
        return command;
    }

    private static Command CreateList()
    {
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("list", "List the topics.") { data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            List<string[]> rows = [];
            foreach (string topic in await broker.Log.ListTopicsAsync(cancellationToken))
            {
                TopicDescription description = await broker.Log.DescribeTopicAsync(topic, cancellationToken);
                long records = 0;
                foreach (PartitionDescription partition in description.Partitions.Where(partition => partition.Error is null))
                {
                    PartitionOffsets offsets = await broker.Log.GetOffsetsAsync(new TopicPartition(topic, partition.Partition), cancellationToken);
                    records += offsets.HighWatermark.Value - offsets.LogStart.Value;
                }

                rows.Add([topic, Text(description.Partitions.Count), Text(records)]);
            }

            TextTable.Write(parsed.InvocationConfiguration.Output, ["TOPIC", "PARTITIONS", "OFFSETS"], rows);
        });
        return command;
    }

    private static Command CreateDescribe()
    {
        Argument<string> name = new("TOPIC");
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("describe", "Show the partitions and settings of a topic.") { name, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            TopicDescription topic = await broker.Log.DescribeTopicAsync(parsed.GetRequiredValue(name), cancellationToken);
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"{topic.Name} ({topic.TopicId})");
            List<string[]> partitions = [];
            foreach (PartitionDescription partition in topic.Partitions)
                partitions.Add(await DescribeAsync(broker.Log, topic.Name, partition, cancellationToken));
            TextTable.Write(output, ["PARTITION", "FIRST", "END", "STATE"], partitions);
            TextTable.Write(output, ["SETTING", "VALUE", ""],
                [.. topic.Configuration.Select(setting => (string[])[setting.Key, setting.Value.Value, setting.Value.IsDefault ? "" : "set"])]);
        });
        return command;
    }

    private static Command CreateDelete()
    {
        Argument<string> name = new("TOPIC");
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("delete", "Delete a topic with its records.") { name, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            await broker.Log.DeleteTopicAsync(parsed.GetRequiredValue(name), cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Deleted the topic {parsed.GetRequiredValue(name)}.");
        });
        return command;
    }

    private static async Task<string[]> DescribeAsync(
        ILogBroker log, string topic, PartitionDescription partition, CancellationToken cancellationToken)
    {
        if (partition.Error is { } error)
            return [Text(partition.Partition), "", "", error];
        PartitionOffsets offsets = await log.GetOffsetsAsync(new TopicPartition(topic, partition.Partition), cancellationToken);
        return [Text(partition.Partition), offsets.LogStart.ToString(), offsets.HighWatermark.ToString(), "ok"];
    }

    private static string Count(int number, string noun) => $"{Text(number)} {noun}{(number == 1 ? "" : "s")}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
