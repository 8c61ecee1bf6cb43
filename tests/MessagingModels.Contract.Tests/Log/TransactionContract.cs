using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What readers see of transactions, and which offsets they take.</summary>
public abstract class TransactionContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Committed_records_become_visible_together()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogConsumer careful = await CommittedReaderAsync(partition);
        await WriteAsync(partition, "before");
        Assert.Equal(["before"], await ReadValuesAsync(careful, 1));
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "a");
        await producer.ProduceAsync(partition.Topic, null, "b");
        await ReadNothingAsync(careful);

        // What careful readers may see ends before the transaction or after it, never within.
        Task<HashSet<long>> seen = WatchLastStableAsync(partition, until: 4);
        await transaction.CommitAsync();
        Assert.Equal("a", Assert.Single(await ReadAsync(careful, 1)).ValueText);
        Assert.Equal(4, (await Log.GetOffsetsAsync(partition)).LastStable.Value);
        Assert.Equal(["b"], await ReadValuesAsync(careful, 1));
        Assert.Subset(new HashSet<long> { 1, 4 }, await seen);
    }

    [Fact]
    public async Task Commit_waits_for_records_handed_over()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        for (int i = 0; i < 100; i++) await producer.EnqueueAsync(new ProducerRecord(partition.Topic, null, $"{i}"));
        await transaction.CommitAsync();

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), await ReadValuesAsync(await CommittedReaderAsync(partition), 100));
    }

    [Fact]
    public async Task Aborted_records_are_seen_by_careless_readers_only()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "aborted");
        await transaction.AbortAsync();
        await WriteAsync(partition, "plain");

        Assert.Equal(["plain"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
        Assert.Equal(["aborted", "plain"], await ReadValuesAsync(await ReaderAsync(partition), 2));
    }

    [Fact]
    public async Task Disposal_of_an_open_transaction_aborts_it()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        await using (await producer.BeginTransactionAsync())
            await producer.ProduceAsync(partition.Topic, null, "aborted");
        await WriteAsync(partition, "plain");

        Assert.Equal(["plain"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Open_transaction_holds_back_what_comes_after_it()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogConsumer careful = await CommittedReaderAsync(partition), careless = await ReaderAsync(partition);
        await WriteAsync(partition, "before");
        Assert.Equal(["before"], await ReadValuesAsync(careful, 1));
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "open");
        await WriteAsync(partition, "after");

        Assert.Equal(["before", "open", "after"], await ReadValuesAsync(careless, 3));
        await ReadNothingAsync(careful);
        await transaction.CommitAsync();
        Assert.Equal(["open", "after"], await ReadValuesAsync(careful, 2));
    }

    [Fact]
    public async Task Last_stable_offset_is_that_of_the_first_open_transaction()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        await WriteAsync(partition, "before");
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "open");
        await WriteAsync(partition, "after");

        Assert.Equal(new PartitionOffsets(Offset.Zero, new Offset(3), new Offset(1)), await Log.GetOffsetsAsync(partition));
        await transaction.CommitAsync();
        await EventuallyAsync(async () => await Log.GetOffsetsAsync(partition) == new PartitionOffsets(Offset.Zero, new Offset(4), new Offset(4)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_of_a_transaction_takes_an_offset_in_each_of_its_partitions(bool commit)
    {
        Demand(LogFeature.Transactions);
        string topic = await TopicAsync(partitions: 3);
        ILogProducer producer = Producer(new ProducerOptions { TransactionalId = Unique("id") });
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        for (int i = 0; i < 2; i++) await producer.ProduceAsync(new ProducerRecord(topic, null, "x") { Partition = i });
        if (commit) await transaction.CommitAsync();
        else await transaction.AbortAsync();

        await EventuallyAsync(async () => (await EndsAsync(topic)) is [2, 2, 0]);
        Assert.Equal(2, (await WriteAsync(new TopicPartition(topic, 0), "next")).Offset.Value);
    }

    [Fact]
    public async Task Reading_passes_over_the_ends_of_transactions()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        for (int i = 0; i < 3; i++) await CommitAsync(producer, partition.Topic, $"{i}");
        ILogConsumer reader = await CommittedReaderAsync(partition);
        List<LogRecord> records = await ReadAsync(reader, 3);

        Assert.Equal([0, 2, 4], records.Select(r => r.Offset.Value));
        await ReadNothingAsync(reader);
        Assert.Equal(0, await reader.LagAsync(partition));
    }

    [Fact]
    public async Task Transactions_over_several_topics_are_one()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        TopicPartition other = new(await TopicAsync(), 0);
        await using (await producer.BeginTransactionAsync())
        {
            await producer.ProduceAsync(partition.Topic, null, "aborted");
            await producer.ProduceAsync(other.Topic, null, "aborted");
        }

        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "a");
        await producer.ProduceAsync(other.Topic, null, "b");
        await transaction.CommitAsync();
        Assert.Equal(["a", "b"], (await ReadValuesAsync(await CommittedReaderAsync(partition, other), 2)).Order());
    }

    [Fact]
    public async Task Committed_and_aborted_transactions_of_several_producers_keep_apart()
    {
        (ILogProducer one, TopicPartition partition) = await TransactionalAsync();
        ILogProducer other = Producer(new ProducerOptions { TransactionalId = Unique("id") });
        ILogTransaction ofOne = await one.BeginTransactionAsync(), ofOther = await other.BeginTransactionAsync();
        await one.ProduceAsync(partition.Topic, null, "one 1");
        await other.ProduceAsync(partition.Topic, null, "other 1");
        await one.ProduceAsync(partition.Topic, null, "one 2");
        await ofOther.AbortAsync();
        await ofOne.CommitAsync();
        ILogConsumer reader = await CommittedReaderAsync(partition);

        Assert.Equal(["one 1", "one 2"], await ReadValuesAsync(reader, 2));
        await ReadNothingAsync(reader);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Empty_transaction_ends_without_a_trace(bool commit)
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        if (commit) await transaction.CommitAsync();
        else await transaction.AbortAsync();
        await CommitAsync(producer, partition.Topic, "a");

        Assert.Equal(0, (await ReadAsync(await CommittedReaderAsync(partition), 1))[0].Offset.Value);
    }

    [Fact]
    public async Task Seek_to_the_end_is_to_the_last_stable_offset_for_careful_readers()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        ILogConsumer careful = await CommittedReaderAsync(partition);
        await WriteAsync(partition, "before");
        await using ILogTransaction open = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "open");
        await careful.SeekToEndAsync([partition]);

        Assert.Equal(new Offset(1), careful.Position(partition));
        Assert.Equal(0, await careful.LagAsync(partition));
    }

    [Fact]
    public async Task Committed_transaction_survives_the_next_ones_abort()
    {
        (ILogProducer producer, TopicPartition partition) = await TransactionalAsync();
        await CommitAsync(producer, partition.Topic, "kept");
        await using (await producer.BeginTransactionAsync())
            await producer.ProduceAsync(partition.Topic, null, "aborted");
        await CommitAsync(producer, partition.Topic, "kept too");

        Assert.Equal(["kept", "kept too"], await ReadValuesAsync(await CommittedReaderAsync(partition), 2));
    }

    private async Task<(ILogProducer Producer, TopicPartition Partition)> TransactionalAsync()
    {
        Demand(LogFeature.Transactions);
        Demand(LogFeature.ReadCommitted);
        return (Producer(new ProducerOptions { TransactionalId = Unique("id") }), new TopicPartition(await TopicAsync(), 0));
    }

    private static async Task CommitAsync(ILogProducer producer, string topic, string value)
    {
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(topic, null, value);
        await transaction.CommitAsync();
    }

    /// <summary>The last stable offsets that were told until a given one was.</summary>
    private async Task<HashSet<long>> WatchLastStableAsync(TopicPartition partition, long until)
    {
        HashSet<long> seen = [];
        await EventuallyAsync(async () =>
        {
            seen.Add((await Log.GetOffsetsAsync(partition)).LastStable);
            return seen.Contains(until);
        });
        return seen;
    }

    private async Task<long[]> EndsAsync(string topic)
    {
        List<long> ends = [];
        for (int i = 0; i < 3; i++) ends.Add((await Log.GetOffsetsAsync(new TopicPartition(topic, i))).HighWatermark);
        return [.. ends];
    }
}

public sealed class Transactions_on_native(NativeLog log) : TransactionContract(log);

public sealed class Transactions_on_native_on_disk(NativeDiskLog log) : TransactionContract(log);

public sealed class Transactions_on_kafka(KafkaLog log) : TransactionContract(log);
