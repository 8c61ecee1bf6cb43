using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Groups seen and changed from outside.</summary>
public abstract class GroupAdministrationContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Group_with_a_member_is_described()
    {
        Demand(LogFeature.GroupDescriptions);
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ILogConsumer member = await JoinAsync(MemberOf(group) with { ClientId = "till" }, null, topic);
        GroupDescription description = await Log.DescribeGroupAsync(group);

        Assert.Equal((group, GroupStatus.Stable, "range"), (description.GroupId, description.Status, description.AssignmentStrategy));
        GroupMemberDescription described = Assert.Single(description.Members);
        Assert.Equal(member.Membership.MemberId, described.MemberId);
        Assert.Equal("till", described.ClientId);
        Assert.Null(described.GroupInstanceId);
        Assert.Equal([0, 1], described.Assignment.Select(p => p.Partition).Order());
    }

    [Fact]
    public async Task Groups_offsets_and_lag_are_described()
    {
        Demand(LogFeature.GroupDescriptions);
        TopicPartition partition = new(await TopicAsync(), 0);
        string group = Unique("group");
        await WriteAsync(partition, "a", "b", "c");
        ILogConsumer member = await JoinAsync(group, partition.Topic);
        await member.CommitAsync([new TopicPartitionOffset(partition.Topic, 0, new Offset(1))]);

        GroupOffset offset = Assert.Single((await Log.DescribeGroupAsync(group)).Offsets);
        Assert.Equal(new GroupOffset(partition, new Offset(1), new Offset(3), ""), offset);
        Assert.Equal(2, offset.Lag);
    }

    [Fact]
    public async Task Group_that_its_members_left_is_empty_and_keeps_its_offsets()
    {
        Demand(LogFeature.GroupDescriptions);
        TopicPartition partition = new(await TopicAsync(), 0);
        string group = await LeftAsync(partition, 1);
        GroupDescription description = await Log.DescribeGroupAsync(group);

        Assert.Equal(GroupStatus.Empty, description.Status);
        Assert.Empty(description.Members);
        Assert.Equal(new Offset(1), Assert.Single(description.Offsets).Committed);
    }

    [Fact]
    public async Task Groups_are_listed_with_their_states_in_ordinal_order()
    {
        Demand(LogFeature.GroupDescriptions);
        string topic = await TopicAsync(), occupied = Unique("group"), left = await LeftAsync(new TopicPartition(topic, 0), 0);
        await JoinAsync(occupied, topic);
        IReadOnlyList<GroupListing> groups = await Log.ListGroupsAsync();

        Assert.Contains(new GroupListing(occupied, GroupStatus.Stable), groups);
        Assert.Contains(new GroupListing(left, GroupStatus.Empty), groups);
        Assert.Equal(groups.Select(g => g.GroupId).Order(StringComparer.Ordinal), groups.Select(g => g.GroupId));
    }

    [Fact]
    public async Task Group_that_does_not_exist_is_refused()
    {
        Demand(LogFeature.GroupDescriptions);

        await RefusedAsync(LogErrorCode.GroupIdNotFound, () => Log.DescribeGroupAsync(Unique("absent")).AsTask());
    }

    [Fact]
    public async Task Group_that_does_not_exist_cannot_be_deleted()
    {
        Demand(LogFeature.DeletingGroups);

        await RefusedAsync(LogErrorCode.GroupIdNotFound, () => Log.DeleteGroupAsync(Unique("absent")).AsTask());
    }

    [Fact]
    public async Task Group_without_members_can_be_deleted_and_starts_over()
    {
        Demand(LogFeature.DeletingGroups);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b");
        string group = await LeftAsync(partition, 2);
        await Log.DeleteGroupAsync(group);

        Assert.DoesNotContain(group, (await Log.ListGroupsAsync()).Select(g => g.GroupId));
        Assert.Equal(["a", "b"], await ReadValuesAsync(await JoinAsync(group, partition.Topic), 2));
    }

    [Fact]
    public async Task Group_with_members_cannot_be_deleted()
    {
        Demand(LogFeature.DeletingGroups);
        string group = Unique("group");
        ILogConsumer member = await JoinAsync(group, await TopicAsync());

        await RefusedAsync(LogErrorCode.NonEmptyGroup, () => Log.DeleteGroupAsync(group).AsTask());
        Assert.Single(member.Assignment);
    }

    [Theory]
    [InlineData(OffsetTargetKind.Beginning, 1)]
    [InlineData(OffsetTargetKind.End, 4)]
    [InlineData(OffsetTargetKind.Offset, 2)]
    [InlineData(OffsetTargetKind.Timestamp, 3)]
    public async Task Offsets_are_set_where_the_target_says(OffsetTargetKind kind, long expected)
    {
        Demand(LogFeature.ResettingGroupOffsets);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 1000, 2000, 3000, 4000);
        await Log.DeleteRecordsAsync(partition, new Offset(1));
        string group = await LeftAsync(partition, 4);
        OffsetTarget target = kind switch
        {
            OffsetTargetKind.Beginning => OffsetTarget.Beginning,
            OffsetTargetKind.End => OffsetTarget.End,
            OffsetTargetKind.Offset => OffsetTarget.At(new Offset(2)),
            _ => OffsetTarget.From(At(3500)),
        };

        TopicPartitionOffset set = Assert.Single(await Log.ResetGroupOffsetsAsync(group, [partition], target));
        Assert.Equal((partition, expected), (set.TopicPartition, set.Offset.Value));
        Assert.Equal(expected, Assert.Single((await Log.DescribeGroupAsync(group)).Offsets).Committed.Value);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(99, 2)]
    public async Task Offset_outside_the_range_is_brought_into_it(long asked, long expected)
    {
        Demand(LogFeature.ResettingGroupOffsets);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b");
        await Log.DeleteRecordsAsync(partition, new Offset(1));

        Assert.Equal(expected, Assert.Single(await Log.ResetGroupOffsetsAsync(Unique("group"), [partition], OffsetTarget.At(new Offset(asked)))).Offset.Value);
    }

    [Fact]
    public async Task Group_is_made_by_setting_its_offsets()
    {
        Demand(LogFeature.ResettingGroupOffsets);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b", "c");
        string group = Unique("group");
        await Log.ResetGroupOffsetsAsync(group, [partition], OffsetTarget.At(new Offset(2)));

        Assert.Contains(new GroupListing(group, GroupStatus.Empty), await Log.ListGroupsAsync());
        Assert.Equal(["c"], await ReadValuesAsync(await JoinAsync(group, partition.Topic), 1));
    }

    [Fact]
    public async Task Offsets_of_a_group_with_members_cannot_be_set()
    {
        Demand(LogFeature.ResettingGroupOffsets);
        TopicPartition partition = new(await TopicAsync(), 0);
        string group = Unique("group");
        ILogConsumer member = await JoinAsync(group, partition.Topic);

        await RefusedAsync(LogErrorCode.NonEmptyGroup, () => Log.ResetGroupOffsetsAsync(group, [partition], OffsetTarget.Beginning).AsTask());
        Assert.Null(await member.CommittedAsync(partition));
    }

    [Fact]
    public async Task Offsets_of_a_partition_that_does_not_exist_cannot_be_set()
    {
        Demand(LogFeature.ResettingGroupOffsets);
        TopicPartition absent = new(await TopicAsync(), 3);

        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.ResetGroupOffsetsAsync(Unique("group"), [absent], OffsetTarget.Beginning).AsTask());
    }

    [Fact]
    public async Task Deleted_topic_takes_the_groups_offsets_with_it()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b");
        string group = await LeftAsync(partition, 2);
        await Log.DeleteTopicAsync(partition.Topic);
        await EventuallyAsync(async () => !(await Log.ListTopicsAsync()).Contains(partition.Topic));
        await Log.CreateTopicAsync(partition.Topic);
        await WriteAsync(partition, "new");

        Assert.Equal(["new"], await ReadValuesAsync(await JoinAsync(group, partition.Topic), 1));
    }

    /// <summary>A group that committed an offset and that its one member has left.</summary>
    private async Task<string> LeftAsync(TopicPartition partition, long committed)
    {
        string group = Unique("group");
        await using (ILogConsumer member = await JoinAsync(group, partition.Topic))
            await member.CommitAsync([new TopicPartitionOffset(partition.Topic, partition.Partition, new Offset(committed))]);
        await EventuallyAsync(async () => (await Log.DescribeGroupAsync(group)).Status == GroupStatus.Empty);
        return group;
    }
}

public sealed class Group_administration_on_native(NativeLog log) : GroupAdministrationContract(log);

public sealed class Group_administration_on_native_on_disk(NativeDiskLog log) : GroupAdministrationContract(log);

public sealed class Group_administration_on_kafka(KafkaLog log) : GroupAdministrationContract(log);
