using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>A consumer that chooses its partitions: where it starts, how it reads and stops.</summary>
public abstract class ReadingContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Earliest_starts_at_the_first_record()
    {
        TopicPartition partition = await FilledAsync("a", "b");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);

        Assert.Equal(["a", "b"], await ReadValuesAsync(consumer, 2));
        Assert.Equal(new Offset(2), consumer.Position(partition));
    }

    [Fact]
    public async Task Latest_starts_at_the_end()
    {
        TopicPartition partition = await FilledAsync("a", "b");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Latest);
        Assert.Equal(new Offset(2), consumer.Position(partition));
        await WriteAsync(partition, "c");

        Assert.Equal(["c"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Fail_starts_nowhere_until_a_position_is_sought()
    {
        TopicPartition partition = await FilledAsync("a");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Fail);

        await RefusedAsync(LogErrorCode.OffsetOutOfRange, () => consumer.PollAsync(Limit).AsTask());
        await consumer.SeekAsync(partition, Offset.Zero);
        Assert.Equal(["a"], await ReadValuesAsync(consumer, 1));
    }

    [Theory]
    [InlineData(OffsetReset.Earliest, "a")]
    [InlineData(OffsetReset.Latest, "late")]
    public async Task Position_after_the_end_is_reset_as_set(OffsetReset reset, string next)
    {
        TopicPartition partition = await FilledAsync("a");
        ILogConsumer consumer = await StartAsync(partition, reset);
        await consumer.SeekAsync(partition, new Offset(99));
        if (reset == OffsetReset.Latest)
        {
            await ReadNothingAsync(consumer);
            await ReadUntilAsync(() => consumer.Position(partition) == new Offset(1), consumer);
            await WriteAsync(partition, "late");
        }

        Assert.Equal([next], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Position_after_the_end_fails_where_so_set()
    {
        TopicPartition partition = await FilledAsync("a");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Fail);
        await consumer.SeekAsync(partition, new Offset(99));

        await RefusedAsync(LogErrorCode.OffsetOutOfRange, () => consumer.PollAsync(Limit).AsTask());
    }

    [Fact]
    public async Task Position_before_the_log_start_is_reset()
    {
        Demand(LogFeature.DeletingRecords);
        TopicPartition partition = await FilledAsync("a", "b", "c");
        await Log.DeleteRecordsAsync(partition, new Offset(2));
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        await consumer.SeekAsync(partition, Offset.Zero);

        Assert.Equal(["c"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Seeks_move_the_position()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 1000, 2000, 3000);
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);

        await consumer.SeekAsync(partition, new Offset(1));
        Assert.Equal(["2000"], await ReadValuesAsync(consumer, 1));
        await consumer.SeekToBeginningAsync([partition]);
        Assert.Equal(["1000"], await ReadValuesAsync(consumer, 1));
        await consumer.SeekToTimestampAsync([partition], At(2500));
        Assert.Equal(["3000"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Seek_to_the_end_waits_for_what_comes()
    {
        TopicPartition partition = await FilledAsync("a", "b");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        await consumer.SeekToEndAsync([partition]);

        Assert.Equal(new Offset(2), consumer.Position(partition));
        await ReadNothingAsync(consumer);
        await WriteAsync(partition, "c");
        Assert.Equal(["c"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Seek_to_a_time_after_the_last_record_is_to_the_end()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 1000);
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        await consumer.SeekToTimestampAsync([partition], At(1001));

        Assert.Equal(new Offset(1), consumer.Position(partition));
        await ReadNothingAsync(consumer);
    }

    [Fact]
    public async Task Seek_forgets_what_was_fetched()
    {
        TopicPartition partition = await FilledAsync([.. Enumerable.Range(0, 100).Select(i => $"{i}")]);
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        await ReadAsync(consumer, 5);
        await consumer.SeekAsync(partition, new Offset(50));

        Assert.Equal(["50", "51"], await ReadValuesAsync(consumer, 2));
    }

    [Fact]
    public async Task Partition_that_is_not_assigned_has_no_position()
    {
        TopicPartition partition = await FilledAsync("a"), other = new(partition.Topic, 5);
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);

        Assert.Throws<InvalidOperationException>(() => consumer.Position(other));
        foreach (Func<Task> call in (Func<Task>[])
        [
            () => consumer.SeekAsync(other, Offset.Zero).AsTask(),
            () => consumer.SeekToBeginningAsync([other]).AsTask(),
            () => consumer.SeekToEndAsync([other]).AsTask(),
            () => consumer.SeekToTimestampAsync([other], DateTimeOffset.UnixEpoch).AsTask(),
            () => consumer.PauseAsync([other]).AsTask(),
            () => consumer.ResumeAsync([other]).AsTask(),
            () => consumer.LagAsync(other).AsTask(),
        ])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(call);
        }
    }

    [Fact]
    public async Task Paused_partition_rests_and_the_others_are_read()
    {
        Demand(LogFeature.Pausing);
        string topic = await TopicAsync(partitions: 2);
        TopicPartition paused = new(topic, 0), read = new(topic, 1);
        ILogConsumer consumer = await ReaderAsync(paused, read);
        await consumer.PauseAsync([paused]);
        await WriteAsync(paused, "a");
        await WriteAsync(read, "b");

        Assert.Equal(["b"], await ReadValuesAsync(consumer, 1));
        await ReadNothingAsync(consumer);
        Assert.Equal(Offset.Zero, consumer.Position(paused));
        await consumer.ResumeAsync([paused]);
        Assert.Equal(["a"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Paused_partition_goes_on_where_it_was()
    {
        Demand(LogFeature.Pausing);
        TopicPartition partition = await FilledAsync("a", "b", "c");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        Assert.Equal(["a"], await ReadValuesAsync(consumer, 1));
        await consumer.PauseAsync([partition]);
        await ReadNothingAsync(consumer);
        await consumer.ResumeAsync([partition]);

        Assert.Equal(["b", "c"], await ReadValuesAsync(consumer, 2));
    }

    [Fact]
    public async Task Lag_is_what_is_left_to_read()
    {
        TopicPartition partition = await FilledAsync("a", "b", "c");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);

        Assert.Equal(3, await consumer.LagAsync(partition));
        await ReadAsync(consumer, 1);
        Assert.Equal(2, await consumer.LagAsync(partition));
        await ReadAsync(consumer, 2);
        Assert.Equal(0, await consumer.LagAsync(partition));
    }

    [Fact]
    public async Task Poll_returns_no_more_than_asked_for()
    {
        TopicPartition partition = await FilledAsync([.. Enumerable.Range(0, 20).Select(i => $"{i}")]);
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        List<string?> values = [];
        while (values.Count < 20)
        {
            IReadOnlyList<LogRecord> polled = await consumer.PollAsync(Limit, maxRecords: 3);
            Assert.InRange(polled.Count, 1, 3);
            values.AddRange(polled.Select(r => r.ValueText));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), values);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => consumer.PollAsync(Limit, maxRecords: 0).AsTask());
    }

    [Fact]
    public async Task Poll_waits_for_a_record()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        Task<IReadOnlyList<LogRecord>> polled = consumer.PollAsync(Limit).AsTask();
        await WriteAsync(partition, "late");

        Assert.Equal("late", Assert.Single(await polled).ValueText);
    }

    [Fact]
    public async Task Poll_is_ended_by_its_token()
    {
        TopicPartition partition = await FilledAsync();
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        using CancellationTokenSource stop = new();
        Task polled = consumer.PollAsync(Limit, cancellationToken: stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => polled);
        await WriteAsync(partition, "a");

        Assert.Equal(["a"], await ReadValuesAsync(consumer, 1));
    }

    [Fact]
    public async Task Reading_goes_on_until_cancelled()
    {
        TopicPartition partition = await FilledAsync("a");
        ILogConsumer consumer = await StartAsync(partition, OffsetReset.Earliest);
        using CancellationTokenSource stop = new(Limit);
        List<string?> values = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (LogRecord record in consumer.ReadAsync(stop.Token))
            {
                values.Add(record.ValueText);
                if (values.Count == 1) await WriteAsync(partition, "b", "c");
                if (values.Count == 3) await stop.CancelAsync();
            }
        });
        Assert.Equal(["a", "b", "c"], values);
        Assert.Equal(new Offset(3), consumer.Position(partition));
    }

    [Fact]
    public async Task Several_consumers_read_the_same_records()
    {
        TopicPartition partition = await FilledAsync("a", "b");

        Assert.Equal(["a", "b"], await ReadValuesAsync(await ReaderAsync(partition), 2));
        Assert.Equal(["a", "b"], await ReadValuesAsync(await ReaderAsync(partition), 2));
    }

    [Fact]
    public async Task Assignment_replaces_the_one_before()
    {
        string topic = await TopicAsync(partitions: 2);
        TopicPartition first = new(topic, 0), second = new(topic, 1);
        await WriteAsync(first, "a");
        await WriteAsync(second, "b");
        ILogConsumer consumer = await ReaderAsync(first);
        await consumer.AssignAsync([second]);

        Assert.Equal([second], consumer.Assignment);
        Assert.Equal(["b"], await ReadValuesAsync(consumer, 1));
        await ReadNothingAsync(consumer);
        await consumer.AssignAsync([]);
        Assert.Empty(consumer.Assignment);
    }

    [Fact]
    public async Task Partition_that_does_not_exist_cannot_be_assigned()
    {
        TopicPartition partition = await FilledAsync();

        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => ReaderAsync(partition, new TopicPartition(partition.Topic, 1)));
        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => ReaderAsync(new TopicPartition(Unique("absent"), 0)));
    }

    private async Task<TopicPartition> FilledAsync(params string[] values)
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        if (values.Length > 0) await WriteAsync(partition, values);
        return partition;
    }

    private async Task<ILogConsumer> StartAsync(TopicPartition partition, OffsetReset reset)
    {
        ILogConsumer consumer = Consumer(new ConsumerOptions { OffsetReset = reset });
        await consumer.AssignAsync([partition]);
        return consumer;
    }
}

public sealed class Reading_on_native(NativeLog log) : ReadingContract(log);

public sealed class Reading_on_native_on_disk(NativeDiskLog log) : ReadingContract(log);

public sealed class Reading_on_kafka(KafkaLog log) : ReadingContract(log);
