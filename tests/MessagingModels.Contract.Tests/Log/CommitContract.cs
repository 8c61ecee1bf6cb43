using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What a group has committed, and where its next member reads on.</summary>
public abstract class CommitContract(ILogProvider provider) : LogContract(provider)
{
    private static readonly string[] s_values = ["a", "b", "c"];

    [Fact]
    public async Task Nothing_is_committed_at_first()
    {
        TopicPartition partition = await FilledAsync();

        Assert.Null(await (await JoinAsync(Unique("group"), partition.Topic)).CommittedAsync(partition));
    }

    [Fact]
    public async Task Commit_covers_what_was_handed_out()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);
        await ReadAsync(member, 2);
        await member.CommitAsync();

        Assert.Equal(new Offset(2), (await member.CommittedAsync(partition))?.Offset);
    }

    [Fact]
    public async Task Commit_of_a_record_covers_all_up_to_it()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);
        List<LogRecord> records = await ReadAsync(member, 3);
        await member.CommitAsync(records[1]);

        Assert.Equal(new Offset(2), (await member.CommittedAsync(partition))?.Offset);
    }

    [Fact]
    public async Task Commit_of_offsets_keeps_their_metadata()
    {
        Demand(LogFeature.OffsetMetadata);
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);
        await member.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, new Offset(1), "half way")]);

        Assert.Equal(new TopicPartitionOffset(partition.Topic, 0, new Offset(1), "half way"), await member.CommittedAsync(partition));
    }

    [Fact]
    public async Task Commit_of_offsets_covers_what_they_say()
    {
        string topic = await TopicAsync(partitions: 2);
        ILogConsumer member = await JoinAsync(Unique("group"), topic);
        await member.CommitAsync([new TopicPartitionOffset(topic, 0, new Offset(5)), new TopicPartitionOffset(topic, 1, new Offset(7))]);

        Assert.Equal(new Offset(5), (await member.CommittedAsync(new TopicPartition(topic, 0)))?.Offset);
        Assert.Equal(new Offset(7), (await member.CommittedAsync(new TopicPartition(topic, 1)))?.Offset);
    }

    [Fact]
    public async Task Commit_may_go_back()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);
        await ReadAsync(member, 3);
        await member.CommitAsync();
        await member.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, new Offset(1))]);

        Assert.Equal(new Offset(1), (await member.CommittedAsync(partition))?.Offset);
        Assert.Equal(new Offset(3), member.Position(partition));
    }

    [Fact]
    public async Task Commit_is_seen_by_other_members()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        TopicPartition partition = new(topic, 0);
        await WriteAsync(partition, s_values);
        ILogConsumer first = await JoinAsync(group, topic);
        await ReadAsync(first, 2);
        await first.CommitAsync();
        ILogConsumer other = Consumer(MemberOf(group));
        await other.AssignAsync([]);

        Assert.Equal(new Offset(2), (await other.CommittedAsync(partition))?.Offset);
    }

    [Fact]
    public async Task Next_member_reads_on_from_the_commit()
    {
        TopicPartition partition = await FilledAsync();
        string group = Unique("group");
        await using (ILogConsumer first = await JoinAsync(group, partition.Topic))
        {
            await ReadAsync(first, 2);
            await first.CommitAsync();
        }

        Assert.Equal(["c"], await ReadValuesAsync(await JoinAsync(group, partition.Topic), 1));
    }

    [Fact]
    public async Task Next_member_reads_again_what_was_not_committed()
    {
        TopicPartition partition = await FilledAsync();
        string group = Unique("group");
        await using (ILogConsumer first = await JoinAsync(group, partition.Topic))
            await ReadAsync(first, 3);

        Assert.Equal(s_values, await ReadValuesAsync(await JoinAsync(group, partition.Topic), 3));
    }

    [Fact]
    public async Task Closing_commits_where_that_is_automatic()
    {
        TopicPartition partition = await FilledAsync();
        string group = Unique("group");
        await using (ILogConsumer first = await JoinAsync(MemberOf(group) with { AutoCommit = true }, null, partition.Topic))
            await ReadAsync(first, 2);

        Assert.Equal(["c"], await ReadValuesAsync(await JoinAsync(group, partition.Topic), 1));
    }

    [Fact]
    public async Task Automatic_commits_come_with_the_reads()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(
            MemberOf(Unique("group")) with { AutoCommit = true, AutoCommitInterval = TimeSpan.FromMilliseconds(100) }, null, partition.Topic);
        await ReadAsync(member, 3);

        await EventuallyAsync(async () =>
        {
            await member.PollAsync(TimeSpan.FromMilliseconds(20));
            return (await member.CommittedAsync(partition))?.Offset == new Offset(3);
        });
    }

    [Fact]
    public async Task Consumer_with_chosen_partitions_starts_from_its_groups_commit()
    {
        TopicPartition partition = await FilledAsync();
        string group = Unique("group");
        ILogConsumer first = Consumer(MemberOf(group));
        await first.AssignAsync([partition]);
        await first.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, new Offset(2))]);
        ILogConsumer second = Consumer(MemberOf(group));
        await second.AssignAsync([partition]);

        Assert.Equal(["c"], await ReadValuesAsync(second, 1));
    }

    [Fact]
    public async Task Commit_in_a_partition_that_does_not_exist_is_refused()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);

        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition,
            () => member.CommitAsync([new TopicPartitionOffset(partition.Topic, 7, Offset.Zero)]).AsTask());
    }

    [Fact]
    public async Task Metadata_above_4096_bytes_is_refused()
    {
        Demand(LogFeature.OffsetMetadata);
        TopicPartition partition = await FilledAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), partition.Topic);
        await member.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, Offset.Zero, new string('x', 4096))]);

        await RefusedAsync(LogErrorCode.OffsetMetadataTooLarge,
            () => member.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, Offset.Zero, new string('x', 4097))]).AsTask());
    }

    [Fact]
    public async Task Commit_after_the_end_is_taken_and_reset_when_read()
    {
        TopicPartition partition = await FilledAsync();
        string group = Unique("group");
        await using (ILogConsumer first = await JoinAsync(group, partition.Topic))
            await first.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, new Offset(99))]);
        ILogConsumer second = await JoinAsync(group, partition.Topic);

        Assert.Equal(new Offset(99), (await second.CommittedAsync(partition))?.Offset);
        Assert.Equal(s_values, await ReadValuesAsync(second, 3));
    }

    [Fact]
    public async Task Groups_commit_independently()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer one = await JoinAsync(Unique("group"), partition.Topic), other = await JoinAsync(Unique("group"), partition.Topic);
        await ReadAsync(one, 3);
        await one.CommitAsync();

        Assert.Null(await other.CommittedAsync(partition));
        Assert.Equal(s_values, await ReadValuesAsync(other, 3));
    }

    [Fact]
    public async Task Consumer_without_a_group_commits_nothing()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer consumer = await ReaderAsync(partition);

        await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.CommitAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.CommittedAsync(partition).AsTask());
        Assert.Throws<ArgumentException>(() => Log.CreateConsumer(new ConsumerOptions { AutoCommit = true }));
    }

    private async Task<TopicPartition> FilledAsync()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, s_values);
        return partition;
    }
}

public sealed class Commits_on_native(NativeLog log) : CommitContract(log);

public sealed class Commits_on_native_on_disk(NativeDiskLog log) : CommitContract(log);

public sealed class Commits_on_kafka(KafkaLog log) : CommitContract(log);
