using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Hosting;
using MessagingModels.Broker.Transactions;

namespace MessagingModels.Broker.Tests.Hosting;

/// <summary>A coordinator whose file is damaged refuses its own work, says why and what to do, and leaves the file and the rest of the broker alone.</summary>
public sealed class DamagedCoordinatorTests : IDisposable
{
    private const int BatchHeaderBytes = 61;

    private static readonly TopicPartition s_partition = new("orders", 0);

    private readonly string _directory = Directory.CreateTempSubdirectory("mm-coordinator-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damaged_offsets_log_stops_groups_and_nothing_else(bool wasClosedCleanly)
    {
        await FillAsync();
        string file = DamageLog(GroupStore.DirectoryName, wasClosedCleanly);
        byte[] damaged = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (int start = 0; start < 2; start++)
        {
            await using EmbeddedBroker broker = await StartAsync();
            await WorksWithoutGroupsAsync(broker);
            await using (ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "mover" }))
            {
                await using ILogTransaction transaction = await producer.BeginTransactionAsync();
                await producer.ProduceAsync("orders", "key", "value");
                await transaction.CommitAsync();
            }

            await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { GroupId = "billing" });
            AssertNames(file, await RefusedAsync(() => consumer.SubscribeAsync(["orders"]).AsTask()));
            await using ILogConsumer assigned = broker.Log.CreateConsumer(new ConsumerOptions { GroupId = "billing" });
            AssertNames(file, await RefusedAsync(() => assigned.AssignAsync([s_partition]).AsTask()));
            AssertNames(file, await RefusedAsync(() => assigned.CommitAsync([new TopicPartitionOffset("orders", 0, new Offset(1))]).AsTask()));
            AssertNames(file, await RefusedAsync(() => broker.Log.ListGroupsAsync().AsTask()));
            AssertNames(file, await RefusedAsync(() => broker.Log.DescribeGroupAsync("billing").AsTask()));
            AssertNames(file, await RefusedAsync(() => broker.Log.DeleteGroupAsync("billing").AsTask()));
            AssertNames(file, await RefusedAsync(
                () => broker.Log.ResetGroupOffsetsAsync("billing", [s_partition], OffsetTarget.Beginning).AsTask()));
            await UnhealthyAsync(broker, "coordinator of groups", file);
        }

        Assert.Equal(damaged, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damaged_transaction_log_stops_transactions_and_nothing_else(bool wasClosedCleanly)
    {
        await FillAsync();
        string file = DamageLog(TransactionStore.DirectoryName, wasClosedCleanly);
        byte[] damaged = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (int start = 0; start < 2; start++)
        {
            await using EmbeddedBroker broker = await StartAsync();
            await WorksWithoutGroupsAsync(broker);
            await WorksWithGroupsAsync(broker);
            await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "mover" });
            AssertNames(file, await RefusedAsync(() => producer.InitializeTransactionsAsync().AsTask()));
            AssertNames(file, await RefusedAsync(() => producer.BeginTransactionAsync().AsTask()));
            await UnhealthyAsync(broker, "coordinator of transactions", file);
        }

        Assert.Equal(damaged, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Damaged_file_of_producer_ids_stops_who_needs_an_id_and_nobody_else()
    {
        await FillAsync();
        string file = Path.Combine(_directory, CoordinatorLog.ParentDirectory, ProducerIdAllocator.FileName);
        Flip(file, position: 0);
        byte[] damaged = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        await using (EmbeddedBroker broker = await StartAsync())
        {
            await using ILogProducer idempotent = broker.Log.CreateProducer();
            LogException refused = await Assert.ThrowsAsync<LogException>(() => idempotent.ProduceAsync("orders", "key", "value").AsTask());
            Assert.Equal(LogErrorCode.CoordinatorNotAvailable, refused.ErrorCode);
            Assert.Contains(file, refused.Message, StringComparison.Ordinal);
            await using ILogProducer plain = broker.Log.CreateProducer(new ProducerOptions { Idempotence = false });
            await plain.ProduceAsync("orders", "key", "value");
            await WorksWithGroupsAsync(broker);
            await UnhealthyAsync(broker, "coordinator of transactions", file);
        }

        Assert.Equal(damaged, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Restored_log_gives_the_groups_back()
    {
        await FillAsync();
        string log = Path.Combine(_directory, CoordinatorLog.ParentDirectory, GroupStore.DirectoryName, "00000000000000000000.log");
        byte[] sound = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        DamageLog(GroupStore.DirectoryName, wasClosedCleanly: true);
        await using (EmbeddedBroker broker = await StartAsync())
            await RefusedAsync(() => broker.Log.ListGroupsAsync().AsTask());
        await File.WriteAllBytesAsync(log, sound, TestContext.Current.CancellationToken);

        await using EmbeddedBroker restored = await StartAsync();
        Assert.Equal(3, Assert.Single((await restored.Log.DescribeGroupAsync("billing")).Offsets).Committed.Value);
    }

    private Task<EmbeddedBroker> StartAsync() => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory });

    private async Task FillAsync()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await broker.Log.CreateTopicAsync("orders");
        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "mover" });
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { GroupId = "billing" });
        await consumer.AssignAsync([s_partition]);
        for (int i = 1; i <= 3; i++)
        {
            await using ILogTransaction transaction = await producer.BeginTransactionAsync();
            await producer.ProduceAsync("orders", "key", "value");
            await transaction.CommitAsync();
            await consumer.CommitAsync([new TopicPartitionOffset("orders", 0, new Offset(i))]);
        }
    }

    private static async Task WorksWithoutGroupsAsync(EmbeddedBroker broker)
    {
        await using ILogProducer producer = broker.Log.CreateProducer();
        await producer.ProduceAsync("orders", "key", "value");
        await using ILogConsumer reader = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await reader.AssignAsync([s_partition]);
        Assert.NotEmpty(await reader.PollAsync(TimeSpan.FromSeconds(10)));
        await broker.Exchanges.DeclareQueueAsync("audit");
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync();
        await channel.PublishAsync("", "audit", "body");
        Assert.Equal("body", (await channel.GetAsync("audit", autoAck: true))!.Value.Text);
    }

    private static async Task WorksWithGroupsAsync(EmbeddedBroker broker)
    {
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { GroupId = "shipping" });
        await consumer.AssignAsync([s_partition]);
        await consumer.CommitAsync([new TopicPartitionOffset("orders", 0, new Offset(2))]);
        Assert.Equal(2, (await consumer.CommittedAsync(s_partition))!.Value.Offset.Value);
    }

    private static async Task<LogException> RefusedAsync(Func<Task> request)
    {
        LogException refused = await Assert.ThrowsAsync<LogException>(request);
        Assert.Equal(LogErrorCode.CoordinatorNotAvailable, refused.ErrorCode);
        return refused;
    }

    private static void AssertNames(string file, LogException refused)
    {
        Assert.Contains($"'{file}' is damaged at byte 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore the file from a copy", refused.Message, StringComparison.Ordinal);
    }

    private static async Task UnhealthyAsync(EmbeddedBroker broker, string name, string file)
    {
        IReadOnlyDictionary<string, object> errors = await EmbeddedHealth.FindErrorsAsync(broker, TestContext.Current.CancellationToken);
        Assert.Contains(file, Assert.IsType<string>(Assert.Single(errors, error => error.Key == name).Value), StringComparison.Ordinal);
    }

    private string DamageLog(string name, bool wasClosedCleanly)
    {
        string directory = Path.Combine(_directory, CoordinatorLog.ParentDirectory, name);
        foreach (string other in Directory.EnumerateFiles(directory).Where(file => !wasClosedCleanly && !file.EndsWith(".log", StringComparison.Ordinal)))
            File.Delete(other);
        string log = Directory.EnumerateFiles(directory, "*.log").Single();
        Flip(log, BatchHeaderBytes + 3);
        return log;
    }

    private static void Flip(string path, int position)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[position] ^= 0xff;
        File.WriteAllBytes(path, bytes);
    }
}
