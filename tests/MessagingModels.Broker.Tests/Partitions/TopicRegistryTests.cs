using MessagingModels.Broker.Partitions;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class TopicRegistryTests : IAsyncLifetime
{
    private readonly TestPartitions _test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Topics_are_listed_by_name_and_are_there_after_a_restart()
    {
        await _test.Topics.CreateAsync(new TopicSpecification("b", 3));
        await _test.Topics.CreateAsync(new TopicSpecification("a") { Configuration = new Dictionary<string, string> { ["retention.ms"] = "1000" } });
        Guid id = _test.Topics.Get("b").Id;
        await _test.ReopenAsync();
        Assert.Equal(["a", "b"], _test.Topics.Topics.Select(topic => topic.Name));
        Assert.Equal(3, _test.Topics.Get("b").Partitions.Count);
        Assert.Equal(id, _test.Topics.Get("b").Id);
        Assert.Same(_test.Topics.Get("b"), _test.Topics.Find(id));
        Assert.Equal(TimeSpan.FromSeconds(1), _test.Topics.Get("a").Settings.RetentionAge);
    }

    [Fact]
    public async Task Records_are_there_after_a_restart_and_offsets_go_on()
    {
        Partition partition = await _test.CreateAsync();
        await partition.AppendAsync(TestBatches.Of(_test.NowMs, "a", "b"), Acks.All);
        await _test.ReopenAsync();
        partition = _test.Topics.Get(partition.Id);
        Assert.Equal(["a", "b"], TestBatches.ReadValues(partition));
        Assert.Equal(2, (await partition.AppendAsync(TestBatches.Of(_test.NowMs, "c"), Acks.All)).BaseOffset);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(".", "'.'")]
    [InlineData("..", "'..'")]
    [InlineData("with space", "' '")]
    [InlineData("sl/ash", "'/'")]
    [InlineData("ümlaut", "'ü'")]
    [InlineData("__consumer_offsets", "own state")]
    public async Task A_name_that_is_not_legal_is_refused_with_the_reason(string name, string reason)
    {
        LogException error = await RefusedAsync(new TopicSpecification(name));
        Assert.Equal(LogErrorCode.InvalidTopic, error.ErrorCode);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_may_have_249_characters_and_no_more()
    {
        await _test.Topics.CreateAsync(new TopicSpecification(new string('a', 249)));
        Assert.Equal(LogErrorCode.InvalidTopic, (await RefusedAsync(new TopicSpecification(new string('a', 250)))).ErrorCode);
    }

    [Fact]
    public async Task Names_that_differ_only_in_dots_and_underscores_collide()
    {
        await _test.CreateAsync("a.b_c");
        LogException error = await RefusedAsync(new TopicSpecification("a_b.c"));
        Assert.Equal(LogErrorCode.InvalidTopic, error.ErrorCode);
        Assert.Contains("a.b_c", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_and_settings_that_are_not_legal_are_refused_and_nothing_is_created()
    {
        Assert.Equal(LogErrorCode.InvalidPartitions, (await RefusedAsync(new TopicSpecification("t", 0))).ErrorCode);
        Assert.Equal(LogErrorCode.InvalidPartitions, (await RefusedAsync(new TopicSpecification("t", -1))).ErrorCode);
        Assert.Equal(LogErrorCode.InvalidReplicationFactor, (await RefusedAsync(new TopicSpecification("t") { ReplicationFactor = 3 })).ErrorCode);
        LogException error = await RefusedAsync(new TopicSpecification("t") { Configuration = new Dictionary<string, string> { ["retention.mss"] = "1" } });
        Assert.Equal(LogErrorCode.InvalidConfig, error.ErrorCode);
        Assert.Contains("retention.mss", error.Message, StringComparison.Ordinal);
        Assert.Empty(_test.Topics.Topics);
        await _test.CreateAsync("t");
        Assert.Equal(LogErrorCode.TopicAlreadyExists, (await RefusedAsync(new TopicSpecification("t"))).ErrorCode);
    }

    [Fact]
    public async Task A_topic_created_again_is_empty_and_has_another_id()
    {
        Partition old = await _test.CreateAsync();
        Guid id = _test.Topics.Get("orders").Id;
        await old.AppendAsync(TestBatches.Of(_test.NowMs, "a"), Acks.All);
        await _test.Topics.DeleteAsync("orders");
        Assert.Null(_test.Topics.Find("orders"));
        Assert.Null(_test.Topics.Find(id));
        Partition renewed = await _test.CreateAsync();
        Assert.NotEqual(id, _test.Topics.Get("orders").Id);
        Assert.Equal(0, (await renewed.AppendAsync(TestBatches.Of(_test.NowMs, "b"), Acks.All)).BaseOffset);
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await old.AppendAsync(TestBatches.Of(_test.NowMs, "c"), Acks.All));
        Assert.Equal(LogErrorCode.UnknownTopicOrPartition, error.ErrorCode);
        error = Assert.Throws<LogException>(() => old.Read(0, 1000, IsolationLevel.ReadUncommitted));
        Assert.Equal(LogErrorCode.UnknownTopicOrPartition, error.ErrorCode);
    }

    [Fact]
    public async Task Deleting_a_topic_removes_its_directories_and_tells_who_listens()
    {
        List<string> deleted = [];
        _test.Topics.Deleted += topic => deleted.Add(topic.Name);
        await _test.Topics.CreateAsync(new TopicSpecification("gone", 2));
        await _test.CreateAsync("kept");
        await _test.Topics.DeleteAsync("gone");
        Assert.Equal(["gone"], deleted);
        Assert.Equal(["kept-0"], _test.Files.EnumerateDirectories("/data/topics"));
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await _test.Topics.DeleteAsync("gone"));
        Assert.Equal(LogErrorCode.UnknownTopicOrPartition, error.ErrorCode);
    }

    [Fact]
    public async Task Partitions_can_be_added_but_not_taken_away()
    {
        Partition first = await _test.CreateAsync();
        await _test.Topics.AddPartitionsAsync("orders", 3);
        Assert.Same(first, _test.Topics.Get("orders").Partitions[0]);
        foreach (int count in (int[])[3, 2, 0])
        {
            LogException error = await Assert.ThrowsAsync<LogException>(async () => await _test.Topics.AddPartitionsAsync("orders", count));
            Assert.Equal(LogErrorCode.InvalidPartitions, error.ErrorCode);
        }
        await _test.ReopenAsync();
        Assert.Equal(3, _test.Topics.Get("orders").Partitions.Count);
        Assert.Null(_test.Topics.Find(new TopicPartition("orders", 3)));
    }

    [Fact]
    public async Task Changed_settings_take_effect_at_once_and_survive_a_restart()
    {
        Partition partition = await _test.CreateAsync("orders", ("retention.ms", "5000"));
        await _test.Topics.AlterConfigurationAsync("orders", new Dictionary<string, string?> { ["max.message.bytes"] = "80", ["retention.ms"] = null });
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await partition.AppendAsync(TestBatches.Of(_test.NowMs, new string('x', 80)), Acks.All));
        Assert.Equal(LogErrorCode.MessageTooLarge, error.ErrorCode);
        await _test.ReopenAsync();
        IReadOnlyDictionary<string, TopicConfigurationValue> settings = _test.Topics.Get("orders").Describe(1).Configuration;
        Assert.Equal(new TopicConfigurationValue("80", IsDefault: false), settings["max.message.bytes"]);
        Assert.Equal(new TopicConfigurationValue("604800000", IsDefault: true), settings["retention.ms"]);
    }

    [Fact]
    public async Task One_setting_that_is_not_legal_changes_none()
    {
        await _test.CreateAsync();
        Dictionary<string, string?> changes = new() { ["retention.ms"] = "1", ["segment.ms"] = "soon" };
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await _test.Topics.AlterConfigurationAsync("orders", changes));
        Assert.Equal(LogErrorCode.InvalidConfig, error.ErrorCode);
        Assert.Equal(TimeSpan.FromDays(7), _test.Topics.Get("orders").Settings.RetentionAge);
    }

    [Fact]
    public async Task Every_change_raises_the_version_and_wakes_who_waits()
    {
        long version = _test.Topics.Version;
        Task changed = _test.Topics.WaitForChangeAsync(version).AsTask();
        Assert.False(changed.IsCompleted);
        await _test.CreateAsync();
        await changed.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(_test.Topics.Version > version);
        await _test.Topics.WaitForChangeAsync(version);
    }

    [Fact]
    public async Task A_damaged_partition_stops_alone_and_says_why()
    {
        await _test.Topics.CreateAsync(new TopicSpecification("orders", 2));
        foreach (Partition partition in _test.Topics.Get("orders").Partitions)
        {
            for (int i = 0; i < 8; i++) await partition.AppendAsync(TestBatches.Of(_test.NowMs, $"value {i}"), Acks.All);
        }
        using (IFile file = _test.Files.Open("/data/topics/orders-0/00000000000000000000.log", FileOpenMode.Existing)) file.Write(70, [0xff, 0xff, 0xff]);
        _test.ReopenAfterKill();

        TopicDescription description = _test.Topics.Get("orders").Describe(1);
        Assert.Contains("00000000000000000000.log", description.Partitions[0].Error, StringComparison.Ordinal);
        Assert.Equal(-1, description.Partitions[0].Leader);
        Assert.Null(description.Partitions[1].Error);
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await _test.Topics.Get(new TopicPartition("orders", 0)).AppendAsync(TestBatches.Of(_test.NowMs, "x"), Acks.All));
        Assert.Equal(LogErrorCode.KafkaStorageError, error.ErrorCode);
        Assert.Contains("00000000000000000000.log", error.Message, StringComparison.Ordinal);
        Assert.Equal(8, TestBatches.Read(_test.Topics.Get(new TopicPartition("orders", 1))).Count);
        await _test.Topics.DeleteAsync("orders");
        Assert.Empty(_test.Files.EnumerateDirectories("/data/topics"));
    }

    [Fact]
    public async Task A_partition_whose_directory_is_missing_is_no_empty_partition()
    {
        await _test.CreateAsync();
        await _test.Topics.DisposeAsync();
        _test.Files.DeleteDirectory("/data/topics/orders-0");
        _test.ReopenAfterKill();
        Assert.Contains("missing", _test.Topics.Get("orders").Partitions[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_without_a_list_of_topics_are_not_removed()
    {
        await _test.CreateAsync();
        await _test.Topics.DisposeAsync();
        _test.Files.DeleteFile("/data/topics/topics");
        StorageException error = Assert.Throws<StorageException>(_test.ReopenAfterKill);
        Assert.Contains("/data/topics", error.Message, StringComparison.Ordinal);
        Assert.True(_test.Files.DirectoryExists("/data/topics/orders-0"));
    }

    private async Task<LogException> RefusedAsync(TopicSpecification specification) =>
        await Assert.ThrowsAsync<LogException>(async () => await _test.Topics.CreateAsync(specification));
}
