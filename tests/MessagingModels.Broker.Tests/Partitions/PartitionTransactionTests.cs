using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class PartitionTransactionTests : IAsyncLifetime
{
    private readonly TestPartitions _test = new();
    private readonly Dictionary<long, int> _sequences = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Read_committed_stops_before_the_first_open_transaction()
    {
        Partition partition = await _test.CreateAsync();
        await PlainAsync(partition, "a");
        await SendAsync(partition, 1, "t");
        await PlainAsync(partition, "b");
        Assert.Equal(1, partition.LastStableOffset);
        Assert.Equal(3, partition.HighWatermark);
        Assert.Equal(["a"], Committed(partition));
        Assert.Equal(["a", "t", "b"], TestBatches.ReadValues(partition));
    }

    [Fact]
    public async Task A_commit_makes_the_transaction_readable()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 1, "t");
        await PlainAsync(partition, "b");
        await partition.AppendMarkerAsync(1, 0, 0, commit: true);
        Assert.Equal(3, partition.LastStableOffset);
        Assert.Equal(["t", "b"], Committed(partition));
    }

    [Fact]
    public async Task An_aborted_transaction_is_listed_with_its_first_offset_and_left_out()
    {
        Partition partition = await _test.CreateAsync();
        await PlainAsync(partition, "a");
        await SendAsync(partition, 1, "x");
        await PlainAsync(partition, "b");
        await SendAsync(partition, 1, "y");
        await partition.AppendMarkerAsync(1, 0, 0, commit: false);
        await SendAsync(partition, 1, "z");
        await partition.AppendMarkerAsync(1, 0, 0, commit: true);
        Assert.Equal([new AbortedTransaction(1, 1, 4)], partition.Read(0, 1 << 20, IsolationLevel.ReadCommitted).Aborted);
        Assert.Empty(partition.Read(0, 1 << 20, IsolationLevel.ReadUncommitted).Aborted);
        Assert.Empty(partition.Read(5, 1 << 20, IsolationLevel.ReadCommitted).Aborted);
        Assert.Equal(["a", "b", "z"], Committed(partition));
    }

    [Fact]
    public async Task The_last_stable_offset_waits_for_the_earliest_of_several_transactions()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 1, "1");
        await SendAsync(partition, 2, "2");
        await partition.AppendMarkerAsync(2, 0, 0, commit: false);
        Assert.Equal(0, partition.LastStableOffset);
        await partition.AppendMarkerAsync(1, 0, 0, commit: true);
        Assert.Equal(4, partition.LastStableOffset);
        Assert.Equal(["1"], Committed(partition));
    }

    [Fact]
    public async Task Nothing_is_appended_to_a_transaction_that_the_coordinator_does_not_know()
    {
        Partition partition = await _test.CreateAsync();
        List<(TopicPartition, long, short)> asked = [];
        LogErrorCode answer = LogErrorCode.None;
        _test.Topics.TransactionGate = (id, producer, epoch) =>
        {
            asked.Add((id, producer, epoch));
            return answer;
        };
        await SendAsync(partition, 1, "a");
        await SendAsync(partition, 1, "b");
        Assert.Equal([(partition.Id, 1L, (short)0)], asked);
        await partition.AppendMarkerAsync(1, 0, 0, commit: true);
        answer = LogErrorCode.InvalidTransactionState;
        LogException error = await Assert.ThrowsAsync<LogException>(() => SendAsync(partition, 1, "c"));
        Assert.Equal(LogErrorCode.InvalidTransactionState, error.ErrorCode);
        Assert.Equal(3, partition.HighWatermark);
    }

    [Fact]
    public async Task A_batch_outside_of_the_producer_s_open_transaction_is_refused()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 1, "a");
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 1, 0, 1, transactional: false, "b"), Acks.All));
        Assert.Equal(LogErrorCode.InvalidTransactionState, error.ErrorCode);
    }

    [Fact]
    public async Task A_marker_of_a_later_epoch_ends_the_transaction_and_fences_the_producer()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 1, "a");
        await partition.AppendMarkerAsync(1, 1, 0, commit: false);
        LogException error = await Assert.ThrowsAsync<LogException>(() => SendAsync(partition, 1, "b"));
        Assert.Equal(LogErrorCode.InvalidProducerEpoch, error.ErrorCode);
        error = await Assert.ThrowsAsync<LogException>(async () => await partition.AppendMarkerAsync(1, 0, 0, commit: true));
        Assert.Equal(LogErrorCode.InvalidProducerEpoch, error.ErrorCode);
        Assert.Equal(2, partition.LastStableOffset);
        await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 1, 1, 0, transactional: true, "c"), Acks.All);
        Assert.Empty(Committed(partition));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_and_aborted_transactions_are_known_after_a_restart(bool isClosed)
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 1, "x");
        await partition.AppendMarkerAsync(1, 0, 0, commit: false);
        await PlainAsync(partition, "a");
        await SendAsync(partition, 2, "t");
        await PlainAsync(partition, "b");
        if (isClosed) await _test.ReopenAsync();
        else _test.ReopenAfterKill();
        partition = _test.Topics.Get(new TopicPartition("orders", 0));
        Assert.Equal(3, partition.LastStableOffset);
        Assert.Equal(["a"], Committed(partition));
        await partition.AppendMarkerAsync(2, 0, 0, commit: true);
        Assert.Equal(["a", "t", "b"], Committed(partition));
    }

    [Fact]
    public async Task Aborted_transactions_are_forgotten_with_their_records()
    {
        Partition partition = await _test.CreateAsync();
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(partition, 1, "x");
            await partition.AppendMarkerAsync(1, 0, 0, commit: false);
        }
        await partition.DeleteRecordsAsync(4);
        Assert.Equal([new AbortedTransaction(1, 4, 5)], partition.Read(4, 1 << 20, IsolationLevel.ReadCommitted).Aborted);
    }

    private static List<string?> Committed(Partition partition) => TestBatches.ReadValues(partition, IsolationLevel.ReadCommitted);

    private async Task PlainAsync(Partition partition, string value) => await partition.AppendAsync(TestBatches.Of(_test.NowMs, value), Acks.All);

    private async Task SendAsync(Partition partition, long producer, string value)
    {
        int sequence = _sequences.GetValueOrDefault(producer);
        await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, producer, 0, sequence, transactional: true, value), Acks.All);
        _sequences[producer] = sequence + 1;
    }
}
