using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Who may write in transactions, who is fenced, and offsets that are committed with what was produced.</summary>
public abstract class TransactionalProducerContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Newer_producer_fences_the_older_one_and_aborts_its_transaction()
    {
        string id = Unique("id");
        TopicPartition partition = await PartitionAsync();
        ILogProducer older = Transactional(id), newer = Transactional(id);
        ILogTransaction open = await older.BeginTransactionAsync();
        await older.ProduceAsync(partition.Topic, null, "aborted");
        await newer.InitializeTransactionsAsync();

        LogException fenced = await Assert.ThrowsAsync<LogException>(() => open.CommitAsync().AsTask());
        Assert.True(fenced.IsFenced, fenced.Message);
        await CommitAsync(newer, partition.Topic, "kept");
        Assert.Equal(["kept"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Fenced_producer_writes_nothing_more()
    {
        string id = Unique("id");
        TopicPartition partition = await PartitionAsync();
        ILogProducer older = Transactional(id), newer = Transactional(id);
        ILogTransaction open = await older.BeginTransactionAsync();
        await newer.InitializeTransactionsAsync();

        LogException fenced = await Assert.ThrowsAsync<LogException>(async () =>
        {
            await older.ProduceAsync(partition.Topic, null, "late");
            await open.CommitAsync();
        });
        Assert.True(fenced.IsFenced, fenced.Message);
        Assert.Equal(0, (await Log.GetOffsetsAsync(partition)).HighWatermark.Value);
        Assert.True((await Assert.ThrowsAsync<LogException>(async () => await older.BeginTransactionAsync())).IsFenced);
    }

    [Fact]
    public async Task Producer_that_returns_goes_on_under_its_id()
    {
        string id = Unique("id");
        TopicPartition partition = await PartitionAsync();
        await using (ILogProducer first = Log.CreateProducer(new ProducerOptions { TransactionalId = id }))
            await CommitAsync(first, partition.Topic, "first");
        await CommitAsync(Transactional(id), partition.Topic, "second");

        Assert.Equal(["first", "second"], await ReadValuesAsync(await CommittedReaderAsync(partition), 2));
    }

    [Fact]
    public async Task Different_ids_do_not_fence_each_other()
    {
        TopicPartition partition = await PartitionAsync();
        ILogProducer one = Transactional(Unique("id")), other = Transactional(Unique("id"));
        await CommitAsync(one, partition.Topic, "one");
        await CommitAsync(other, partition.Topic, "other");
        await CommitAsync(one, partition.Topic, "one again");

        Assert.Equal(["one", "other", "one again"], await ReadValuesAsync(await CommittedReaderAsync(partition), 3));
    }

    [Fact]
    public async Task Transaction_above_its_time_is_aborted_and_its_producer_fenced()
    {
        TopicPartition partition = await PartitionAsync();
        ILogProducer producer = Producer(new ProducerOptions { TransactionalId = Unique("id"), TransactionTimeout = TimeSpan.FromSeconds(5) });
        ILogTransaction open = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "aborted");
        await WriteAsync(partition, "plain");

        Assert.Equal(["plain"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
        LogException refused = await Assert.ThrowsAsync<LogException>(() => open.CommitAsync().AsTask());
        Assert.True(refused.IsFenced, $"{refused.ErrorCode}: {refused.Message}");
    }

    [Fact]
    public async Task Time_above_the_brokers_limit_is_refused()
    {
        Demand(LogFeature.Transactions);
        ILogProducer producer = Producer(new ProducerOptions { TransactionalId = Unique("id"), TransactionTimeout = TimeSpan.FromHours(10) });

        await RefusedAsync(LogErrorCode.InvalidTransactionTimeout, () => producer.InitializeTransactionsAsync().AsTask());
    }

    [Fact]
    public async Task Producer_with_an_id_writes_in_transactions_only()
    {
        TopicPartition partition = await PartitionAsync();
        ILogProducer producer = Transactional(Unique("id"));
        await producer.InitializeTransactionsAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.ProduceAsync(partition.Topic, null, "x").AsTask());
        await using (await producer.BeginTransactionAsync())
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await producer.BeginTransactionAsync());
    }

    [Fact]
    public async Task Producer_without_an_id_has_no_transactions()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Producer().BeginTransactionAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Producer().InitializeTransactionsAsync().AsTask());
    }

    [Fact]
    public async Task Transaction_ends_once()
    {
        TopicPartition partition = await PartitionAsync();
        ILogProducer producer = Transactional(Unique("id"));
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "a");
        await transaction.CommitAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.CommitAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.AbortAsync().AsTask());
        await transaction.DisposeAsync();
        Assert.Equal(["a"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Transaction_with_a_refused_record_cannot_be_committed()
    {
        Demand(LogFeature.Transactions);
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000")), 0);
        ILogProducer producer = Transactional(Unique("id"));
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, null, "small");
        await Assert.ThrowsAsync<LogException>(() => producer.ProduceAsync(partition.Topic, null, new string('x', 5000)).AsTask());
        await Assert.ThrowsAsync<LogException>(() => transaction.CommitAsync().AsTask());
        await transaction.AbortAsync();
        await CommitAsync(producer, partition.Topic, "next");

        Assert.Equal(["next"], await ReadValuesAsync(await CommittedReaderAsync(partition), 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Offsets_are_committed_with_the_transaction_or_not_at_all(bool commit)
    {
        TopicPartition input = await PartitionAsync(), output = await PartitionAsync();
        string group = Unique("group");
        await WriteAsync(input, "a", "b", "c");
        ILogConsumer member = await JoinAsync(group, input.Topic);
        ILogProducer producer = Transactional(Unique("id"));
        List<LogRecord> records = await ReadAsync(member, 2);
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        foreach (LogRecord record in records) await producer.ProduceAsync(output.Topic, null, record.ValueText + "!");
        await transaction.SendOffsetsAsync([new TopicPartitionOffset(input.Topic, 0, records[^1].Offset.Next)], member.Membership);
        if (commit) await transaction.CommitAsync();
        else await transaction.AbortAsync();
        await member.DisposeAsync();

        ILogConsumer next = await JoinAsync(group, input.Topic);
        Assert.Equal(commit ? ["c"] : ["a", "b", "c"], await ReadValuesAsync(next, commit ? 1 : 3));
        if (commit) Assert.Equal(["a!", "b!"], await ReadValuesAsync(await CommittedReaderAsync(output), 2));
    }

    [Fact]
    public async Task Offsets_of_a_member_of_an_older_generation_are_refused()
    {
        TopicPartition input = await PartitionAsync();
        string group = Unique("group");
        ILogConsumer member = await JoinAsync(group, input.Topic), other = Consumer(MemberOf(group));
        GroupMembership before = member.Membership;
        await ReadWhileAsync(other.SubscribeAsync([input.Topic]).AsTask(), member);
        await ReadUntilAsync(() => member.Membership.Generation > before.Generation, member, other);
        ILogTransaction transaction = await Transactional(Unique("id")).BeginTransactionAsync();

        await RefusedAsync(LogErrorCode.IllegalGeneration,
            () => transaction.SendOffsetsAsync([new TopicPartitionOffset(input.Topic, 0, Offset.Zero)], before).AsTask());
        await transaction.AbortAsync();
    }

    private ILogProducer Transactional(string id) => Producer(new ProducerOptions { TransactionalId = id });

    private async Task<TopicPartition> PartitionAsync()
    {
        Demand(LogFeature.Transactions);
        Demand(LogFeature.ReadCommitted);
        return new TopicPartition(await TopicAsync(), 0);
    }

    private static async Task CommitAsync(ILogProducer producer, string topic, string value)
    {
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(topic, null, value);
        await transaction.CommitAsync();
    }
}

public sealed class Transactional_producers_on_native(NativeLog log) : TransactionalProducerContract(log);

public sealed class Transactional_producers_on_native_on_disk(NativeDiskLog log) : TransactionalProducerContract(log);

public sealed class Transactional_producers_on_kafka(KafkaLog log) : TransactionalProducerContract(log);
