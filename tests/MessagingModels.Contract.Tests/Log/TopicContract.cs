using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>How topics come, grow and go.</summary>
public abstract class TopicContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Created_topic_is_listed_and_described()
    {
        string topic = await TopicAsync(partitions: 3);
        TopicDescription description = await Log.DescribeTopicAsync(topic);

        Assert.Contains(topic, await Log.ListTopicsAsync());
        Assert.Equal(topic, description.Name);
        Assert.False(description.IsInternal);
        Assert.NotEqual(Guid.Empty, description.TopicId);
        Assert.Equal([0, 1, 2], description.Partitions.Select(p => p.Partition));
        Assert.All(description.Partitions, p =>
        {
            Assert.Equal([p.Leader], p.Replicas);
            Assert.Equal([p.Leader], p.InSyncReplicas);
            Assert.Null(p.Error);
        });
    }

    [Fact]
    public async Task List_is_in_ordinal_order_and_without_the_brokers_own_topics()
    {
        await TopicAsync();
        await JoinAsync(Unique("group"), await TopicAsync());
        IReadOnlyList<string> topics = await Log.ListTopicsAsync();

        Assert.Equal(topics.Order(StringComparer.Ordinal), topics);
        Assert.DoesNotContain(topics, t => t.StartsWith("__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Topic_is_not_created_twice()
    {
        string topic = await TopicAsync();

        await RefusedAsync(LogErrorCode.TopicAlreadyExists, () => Log.CreateTopicAsync(topic).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("two words")]
    [InlineData("a/b")]
    [InlineData("größe")]
    public async Task Illegal_name_is_refused(string name)
        => await RefusedAsync(LogErrorCode.InvalidTopic, () => Log.CreateTopicAsync(name).AsTask());

    [Fact]
    public async Task Name_has_at_most_249_characters()
    {
        string longest = Unique("long").PadRight(249, 'x');
        await Log.CreateTopicAsync(longest);

        Assert.Contains(longest, await Log.ListTopicsAsync());
        await RefusedAsync(LogErrorCode.InvalidTopic, () => Log.CreateTopicAsync(longest + "x").AsTask());
        await Log.DeleteTopicAsync(longest);
    }

    [Fact]
    public async Task Names_that_differ_in_dot_and_underscore_only_collide()
    {
        string stem = Unique("dotted");
        await Log.CreateTopicAsync(stem + ".a");

        await RefusedAsync(LogErrorCode.InvalidTopic, () => Log.CreateTopicAsync(stem + "_a").AsTask());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public async Task Topic_has_at_least_one_partition(int partitions)
        => await RefusedAsync(LogErrorCode.InvalidPartitions, () => Log.CreateTopicAsync(Unique("topic"), partitions).AsTask());

    [Fact]
    public async Task More_replicas_than_brokers_are_refused()
        => await RefusedAsync(LogErrorCode.InvalidReplicationFactor,
            () => Log.CreateTopicAsync(new TopicSpecification(Unique("topic")) { ReplicationFactor = 7 }).AsTask());

    [Fact]
    public async Task Refused_topic_does_not_exist()
    {
        string topic = Unique("topic");
        await RefusedAsync(LogErrorCode.InvalidConfig, () => Log.CreateTopicAsync(
            new TopicSpecification(topic) { Configuration = new Dictionary<string, string> { ["no.such.setting"] = "1" } }).AsTask());

        Assert.DoesNotContain(topic, await Log.ListTopicsAsync());
    }

    [Fact]
    public async Task Deleted_topic_is_gone()
    {
        string topic = await TopicAsync();
        await Log.DeleteTopicAsync(topic);

        Assert.DoesNotContain(topic, await Log.ListTopicsAsync());
        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.DescribeTopicAsync(topic).AsTask());
        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.GetOffsetsAsync(new TopicPartition(topic, 0)).AsTask());
    }

    [Fact]
    public async Task Topic_created_again_is_another_one_and_empty()
    {
        string topic = await TopicAsync();
        TopicPartition partition = new(topic, 0);
        await WriteAsync(partition, "old", "old");
        Guid first = (await Log.DescribeTopicAsync(topic)).TopicId;
        await Log.DeleteTopicAsync(topic);
        await EventuallyAsync(async () => !(await Log.ListTopicsAsync()).Contains(topic));
        await Log.CreateTopicAsync(topic);

        Assert.NotEqual(first, (await Log.DescribeTopicAsync(topic)).TopicId);
        Assert.Equal(0, (await Log.GetOffsetsAsync(partition)).HighWatermark.Value);
        Assert.Equal(0, (await WriteAsync(partition, "new")).Offset.Value);
    }

    [Fact]
    public async Task Topic_that_does_not_exist_is_named_by_every_refusal()
    {
        string topic = Unique("absent");
        foreach (Func<Task> call in (Func<Task>[])
        [
            () => Log.DeleteTopicAsync(topic).AsTask(),
            () => Log.DescribeTopicAsync(topic).AsTask(),
            () => Log.AddPartitionsAsync(topic, 5).AsTask(),
            () => Log.AlterTopicConfigurationAsync(topic, new Dictionary<string, string?> { [TopicConfiguration.RetentionMs] = "1" }).AsTask(),
        ])
        {
            LogException refused = await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, call);
            Assert.Contains(topic, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Added_partitions_take_records()
    {
        Demand(LogFeature.AddingPartitions);
        string topic = await TopicAsync();
        await Log.AddPartitionsAsync(topic, 3);

        Assert.Equal(3, (await Log.DescribeTopicAsync(topic)).Partitions.Count);
        Assert.Equal(0, (await WriteAsync(new TopicPartition(topic, 2), "x")).Offset.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0)]
    public async Task Partitions_are_not_taken_away(int total)
    {
        Demand(LogFeature.AddingPartitions);
        string topic = await TopicAsync(partitions: 2);

        await RefusedAsync(LogErrorCode.InvalidPartitions, () => Log.AddPartitionsAsync(topic, total).AsTask());
        Assert.Equal(2, (await Log.DescribeTopicAsync(topic)).Partitions.Count);
    }
}

public sealed class Topics_on_native(NativeLog log) : TopicContract(log);

public sealed class Topics_on_native_on_disk(NativeDiskLog log) : TopicContract(log);

public sealed class Topics_on_kafka(KafkaLog log) : TopicContract(log);
