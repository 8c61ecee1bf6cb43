namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>Transactions against a real cluster.</summary>
public sealed class TransactionTests(RealKafka kafka)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Producer_that_was_replaced_is_fenced_in_everything_it_does()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        ProducerOptions options = new() { TransactionalId = RealKafka.Unique("mover") };
        await using ILogProducer old = broker.CreateProducer(options);
        ILogTransaction transaction = await old.BeginTransactionAsync();
        await old.ProduceAsync(topic, "k", "old");
        await using ILogProducer replacement = broker.CreateProducer(options);
        await replacement.InitializeTransactionsAsync();

        LogException record = await Assert.ThrowsAsync<LogException>(() => old.ProduceAsync(topic, "k", "late").AsTask().WaitAsync(s_limit));
        LogException commit = await Assert.ThrowsAsync<LogException>(() => transaction.CommitAsync().AsTask().WaitAsync(s_limit));
        LogException begin = await Assert.ThrowsAsync<LogException>(() => old.BeginTransactionAsync().AsTask().WaitAsync(s_limit));

        Assert.All([record, commit, begin], e => Assert.True(e.IsFenced, e.Message));
    }

    [Fact]
    public async Task Offsets_go_with_the_transaction()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        string group = RealKafka.Unique("group");
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { TransactionalId = RealKafka.Unique("mover") });
        await using ILogConsumer member = await broker.JoinGroupAsync(group, topic);
        GroupMembership membership = member.Membership;
        Assert.True(membership.Generation > 0 && membership.MemberId.Length > 0, $"{membership}");

        TopicPartition partition = new(topic, 0);
        await using (ILogTransaction aborted = await producer.BeginTransactionAsync())
            await aborted.SendOffsetsAsync([new TopicPartitionOffset(topic, 0, new Offset(3))], membership);
        Assert.Null(await member.CommittedAsync(partition));

        await using ILogTransaction transaction = await producer.BeginTransactionAsync();
        await transaction.SendOffsetsAsync([new TopicPartitionOffset(topic, 0, new Offset(7))], membership);
        await transaction.CommitAsync();

        // Kafka answers a commit when it is decided; the group learns of it a moment later.
        using CancellationTokenSource limit = new(s_limit);
        while ((await member.CommittedAsync(partition, limit.Token))?.Offset != new Offset(7))
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task Offsets_of_a_member_of_an_older_generation_are_refused()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { TransactionalId = RealKafka.Unique("mover") });
        await using ILogConsumer member = await broker.JoinGroupAsync(RealKafka.Unique("group"), topic);
        GroupMembership stale = member.Membership with { Generation = member.Membership.Generation - 1 };
        await using ILogTransaction transaction = await producer.BeginTransactionAsync();

        LogException refused = await Assert.ThrowsAsync<LogException>(
            () => transaction.SendOffsetsAsync([new TopicPartitionOffset(topic, 0, new Offset(3))], stale).AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.IllegalGeneration, refused.ErrorCode);
    }

    [Fact]
    public async Task Transaction_with_a_failed_record_can_only_be_aborted()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await broker.AlterTopicConfigurationAsync(topic, new Dictionary<string, string?> { [TopicConfiguration.MaxMessageBytes] = "1000" });
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { TransactionalId = RealKafka.Unique("mover") });
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.EnqueueAsync(new ProducerRecord(topic, null, new string('x', 5000)));

        LogException refused = await Assert.ThrowsAsync<LogException>(() => transaction.CommitAsync().AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.MessageTooLarge, refused.ErrorCode);
        await transaction.AbortAsync();
        await using ILogTransaction next = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(topic, "k", "small");
        await next.CommitAsync();
    }

    [Fact]
    public async Task Producer_with_a_transactional_id_writes_in_transactions_only()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { TransactionalId = RealKafka.Unique("mover") });

        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.ProduceAsync(topic, "k", "v").AsTask());
        await using ILogTransaction transaction = await producer.BeginTransactionAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.BeginTransactionAsync().AsTask());
    }

    private async Task<(KafkaLogBroker Broker, string Topic)> TopicAsync()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        return (broker, topic);
    }
}
