using MessagingModels.Broker.Embedded.Consumers;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Tests.Embedded.Consumers;

public sealed class ConsumerReadingTests : IAsyncDisposable
{
    private static readonly TopicPartition s_p0 = new("orders", 0);
    private static readonly TopicPartition s_p1 = new("orders", 1);

    private readonly LogHarness _log = new();

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task Assigned_partition_is_read_in_order_from_its_first_record(CompressionCodec codec)
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, codec, -1, -1, "a", "b");
        await _log.AppendAsync(s_p0, codec, -1, -1, "c");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0]);

        Assert.Equal(["a", "b", "c"], await LogHarness.ReadAsync(consumer, 3));
        Assert.Equal(new Offset(3), consumer.Position(s_p0));
        Assert.Equal(0, await consumer.LagAsync(s_p0));
        Assert.Empty(await consumer.PollAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Read_waits_for_the_next_record()
    {
        await _log.CreateAsync("orders");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0]);
        ValueTask<IReadOnlyList<LogRecord>> poll = consumer.PollAsync(LogHarness.Limit);
        Assert.False(poll.IsCompleted);

        await _log.AppendAsync(s_p0, "late");
        Assert.Equal("late", Assert.Single(await poll).ValueText);
    }

    [Fact]
    public async Task Record_after_record_comes_until_cancelled()
    {
        await _log.CreateAsync("orders", partitions: 2);
        await _log.AppendAsync(s_p0, "a", "b");
        await _log.AppendAsync(s_p1, "c");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0, s_p1]);
        using CancellationTokenSource stop = new(LogHarness.Limit);
        List<string?> values = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (LogRecord record in consumer.ReadAsync(stop.Token))
            {
                values.Add(record.ValueText);
                if (values.Count == 3) await stop.CancelAsync();
            }
        });
        Assert.Equal(["a", "b", "c"], values.Order());
    }

    [Fact]
    public async Task Paused_partition_is_not_read_and_goes_on_where_it_was()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0]);
        Assert.Equal(["a"], await LogHarness.ReadAsync(consumer, 1));

        await consumer.PauseAsync([s_p0]);
        Assert.Empty(await consumer.PollAsync(TimeSpan.Zero));
        await consumer.ResumeAsync([s_p0]);
        Assert.Equal(["b"], await LogHarness.ReadAsync(consumer, 1));
    }

    [Fact]
    public async Task Seeks_move_the_position()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b", "c");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0]);

        await consumer.SeekAsync(s_p0, new Offset(1));
        Assert.Equal(["b"], await LogHarness.ReadAsync(consumer, 1));
        await consumer.SeekToBeginningAsync([s_p0]);
        Assert.Equal(["a"], await LogHarness.ReadAsync(consumer, 1));
        await consumer.SeekToTimestampAsync([s_p0], DateTimeOffset.FromUnixTimeMilliseconds(1_000_002));
        Assert.Equal(["c"], await LogHarness.ReadAsync(consumer, 1));
        await consumer.SeekToEndAsync([s_p0]);
        Assert.Equal(new Offset(3), consumer.Position(s_p0));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.SeekAsync(s_p1, Offset.Zero));
    }

    [Theory]
    [InlineData(OffsetReset.Earliest, 0)]
    [InlineData(OffsetReset.Latest, 2)]
    public async Task Position_out_of_range_is_reset_as_the_policy_says(OffsetReset policy, int expected)
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b");
        await using EmbeddedConsumer consumer = _log.Consumer(new ConsumerOptions { OffsetReset = policy });
        await consumer.AssignAsync([s_p0]);
        Assert.Equal(new Offset(expected), consumer.Position(s_p0));

        await consumer.SeekAsync(s_p0, new Offset(99));
        await consumer.PollAsync(TimeSpan.Zero, maxRecords: 1);
        Assert.Equal(policy == OffsetReset.Latest ? 2 : 1, consumer.Position(s_p0).Value);
    }

    [Fact]
    public async Task Policy_to_fail_fails_the_read_and_a_seek_heals_it()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a");
        await using EmbeddedConsumer consumer = _log.Consumer(new ConsumerOptions { OffsetReset = OffsetReset.Fail });
        await consumer.AssignAsync([s_p0]);

        LogException error = await Assert.ThrowsAsync<LogException>(async () => await consumer.PollAsync(TimeSpan.Zero));
        Assert.Equal(LogErrorCode.OffsetOutOfRange, error.ErrorCode);
        await consumer.SeekAsync(s_p0, Offset.Zero);
        Assert.Equal(["a"], await LogHarness.ReadAsync(consumer, 1));
    }

    [Fact]
    public async Task Read_committed_skips_aborted_transactions_and_stops_before_open_ones()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, CompressionCodec.None, producerId: 1, sequence: 0, "aborted");
        await _log.Topics.Get(s_p0).AppendMarkerAsync(1, 0, 0, commit: false);
        await _log.AppendAsync(s_p0, CompressionCodec.None, producerId: 1, sequence: 1, "committed");
        await _log.Topics.Get(s_p0).AppendMarkerAsync(1, 0, 0, commit: true);
        await _log.AppendAsync(s_p0, CompressionCodec.None, producerId: 1, sequence: 2, "open");
        await _log.AppendAsync(s_p0, "plain");
        await using EmbeddedConsumer careful = _log.Consumer(new ConsumerOptions
        {
            OffsetReset = OffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        });
        await using EmbeddedConsumer careless = _log.Consumer();
        await careful.AssignAsync([s_p0]);
        await careless.AssignAsync([s_p0]);

        Assert.Equal(["aborted", "committed", "open", "plain"], await LogHarness.ReadAsync(careless, 4));
        Assert.Equal(["committed"], await LogHarness.ReadAsync(careful, 1));
        Assert.Empty(await careful.PollAsync(TimeSpan.Zero));
        await _log.Topics.Get(s_p0).AppendMarkerAsync(1, 0, 0, commit: true);
        Assert.Equal(["open", "plain"], await LogHarness.ReadAsync(careful, 2));
    }

    [Fact]
    public async Task Steady_reading_allocates_nothing_per_record()
    {
        await _log.CreateAsync("orders");
        string[] values = [.. Enumerable.Range(0, 1000).Select(i => $"value {i}")];
        for (int i = 0; i < 20; i++) await _log.AppendAsync(s_p0, values);
        await using EmbeddedConsumer consumer = _log.Consumer();
        await consumer.AssignAsync([s_p0]);
        await consumer.PollAsync(TimeSpan.Zero, 5000);
        await consumer.SeekToBeginningAsync([s_p0]);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = 0;
        while (true)
        {
            ValueTask<IReadOnlyList<LogRecord>> poll = consumer.PollAsync(TimeSpan.Zero, 5000);
            Assert.True(poll.IsCompleted);
            int read = (await poll).Count;
            if (read == 0) break;
            count += read;
        }

        Assert.Equal(20_000, count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, count);
    }
}
