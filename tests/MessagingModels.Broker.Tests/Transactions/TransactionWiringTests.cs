using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Transactions;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Broker.Tests.Transactions;

/// <summary>Partitions, groups and transactions together, over one data directory.</summary>
public sealed class TransactionWiringTests : IAsyncDisposable
{
    private static readonly TopicPartition s_p0 = new("orders", 0);
    private static readonly TopicPartition s_p1 = new("orders", 1);

    private readonly BrokerContext _context = new()
    {
        Data = DataDirectory.InMemory(),
        Options = new EmbeddedBrokerOptions(),
        Loggers = NullLoggerFactory.Instance,
    };

    private TopicRegistry _topics = null!;
    private GroupCoordinator _groups = null!;
    private TransactionCoordinator _transactions = null!;
    private ProducerIdentity _producer;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _context.Data.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Records_and_offsets_of_a_transaction_become_visible_together_or_never(bool commit)
    {
        await StartAsync();
        await _transactions.AddPartitionsAsync("t", _producer, [s_p0, s_p1], default);
        await ProduceAsync(s_p0);
        await ProduceAsync(s_p1);
        await _transactions.AddOffsetsAsync("t", _producer, "billing", default);
        Assert.Equal([LogErrorCode.None], await CommitOffsetAsync(5));
        Assert.Equal(0, _topics.Get(s_p0).LastStableOffset);
        Assert.Equal(-1, Committed());

        Assert.Equal(LogErrorCode.None, await _transactions.EndAsync("t", _producer, commit, default));

        foreach (TopicPartition partition in new[] { s_p0, s_p1 })
        {
            PartitionReadResult read = _topics.Get(partition).Read(0, 1 << 20, IsolationLevel.ReadCommitted);
            Assert.Equal((2, 2), (read.HighWatermark, read.LastStableOffset));
            Assert.Equal(commit ? 0 : 1, read.Aborted.Count);
        }

        Assert.Equal(commit ? 5 : -1, Committed());
    }

    [Fact]
    public async Task Partition_that_was_not_added_takes_no_transactional_records()
    {
        await StartAsync();
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await ProduceAsync(s_p0));
        Assert.Equal(LogErrorCode.InvalidTransactionState, error.ErrorCode);
        Assert.Equal(0, _topics.Get(s_p0).HighWatermark);
    }

    [Fact]
    public async Task Offsets_are_refused_before_they_were_announced()
    {
        await StartAsync();
        Assert.Equal([LogErrorCode.InvalidTransactionState], await CommitOffsetAsync(5));
    }

    [Fact]
    public async Task Transaction_left_open_at_the_end_is_aborted_when_its_producer_returns()
    {
        await StartAsync();
        await _transactions.AddPartitionsAsync("t", _producer, [s_p0], default);
        await ProduceAsync(s_p0);
        await _transactions.AddOffsetsAsync("t", _producer, "billing", default);
        await CommitOffsetAsync(5);
        await CloseAsync();
        ProducerIdentity old = _producer;

        await OpenAsync();
        Assert.Equal(0, _topics.Get(s_p0).LastStableOffset);
        _producer = (await _transactions.InitProducerIdAsync("t", TimeSpan.FromMinutes(1), null, default)).Producer;

        Assert.Equal(old.ProducerId, _producer.ProducerId);
        Assert.Equal(2, _topics.Get(s_p0).LastStableOffset);
        Assert.Single(_topics.Get(s_p0).Read(0, 1 << 20, IsolationLevel.ReadCommitted).Aborted);
        Assert.Equal(-1, Committed());
        Assert.Equal(LogErrorCode.None, Assert.Single(_groups.FetchOffsets("billing", [s_p0], requireStable: true)).Error);
    }

    private async Task StartAsync()
    {
        await OpenAsync();
        await _topics.CreateAsync(new TopicSpecification("orders", 2));
        _producer = (await _transactions.InitProducerIdAsync("t", TimeSpan.FromMinutes(1), null, default)).Producer;
    }

    private async Task OpenAsync()
    {
        _topics = TopicRegistry.Open(_context);
        _groups = GroupCoordinator.Open(_context, _topics);
        _transactions = await TransactionWiring.OpenAsync(_context, _topics, _groups);
    }

    private async Task CloseAsync()
    {
        await _transactions.DisposeAsync();
        await _groups.DisposeAsync();
        await _topics.DisposeAsync();
    }

    private async Task ProduceAsync(TopicPartition partition)
    {
        RecordBatchBuilder builder = new();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), [], false, "value"u8, true);
        await _topics.Get(partition).AppendAsync(
            builder.Build(producerId: _producer.ProducerId, producerEpoch: _producer.Epoch, baseSequence: 0, isTransactional: true), Acks.All);
    }

    private async Task<IReadOnlyList<LogErrorCode>> CommitOffsetAsync(long offset) => await _groups.CommitTransactionOffsetsAsync(
        "billing", _producer.ProducerId, _producer.Epoch, GroupCaller.None, [new OffsetCommit(s_p0, new Offset(offset), "")], default);

    private long Committed() => Assert.Single(_groups.FetchOffsets("billing", [s_p0], requireStable: false)).Offset.Value;
}
