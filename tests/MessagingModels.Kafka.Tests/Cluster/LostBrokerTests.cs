using System.Diagnostics;
using MessagingModels.Provisioning;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>What clients do when their only broker is gone: for how long, and what comes after.</summary>
public sealed class LostBrokerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_requestTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(2);

    // Above the two time-outs; the machine may be busy.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(8);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Steps_of_a_transaction_keep_their_timeout_and_a_new_producer_goes_on(bool isKilled)
    {
        await using KafkaServer server = await StartAsync();
        await using KafkaLogBroker broker = await ConnectAsync(server);
        await broker.CreateTopicAsync("out");
        ProducerOptions options = new() { TransactionalId = "mover" };
        ILogProducer lost = broker.CreateProducer(options);
        await RetryAsync(() => lost.InitializeTransactionsAsync().AsTask());
        ILogTransaction transaction = await lost.BeginTransactionAsync();
        await lost.ProduceAsync("out", "k", "lost");
        await using (await LoseAsync(server, isKilled))
        {
            TopicPartitionOffset offset = new("out", 0, new Offset(1));
            await FailsInTimeAsync(() => transaction.SendOffsetsAsync([offset], new GroupMembership("group", "", -1, null)).AsTask());
            await FailsInTimeAsync(() => transaction.CommitAsync().AsTask());
            Stopwatch watch = Stopwatch.StartNew();
            await lost.DisposeAsync().AsTask().WaitAsync(s_limit);
            Assert.True(watch.Elapsed < s_requestTimeout + s_closeTimeout + s_slack, $"Disposing took {watch.Elapsed}.");
        }

        await using ILogProducer next = broker.CreateProducer(options);
        await RetryAsync(() => next.InitializeTransactionsAsync().AsTask());
        await using ILogTransaction again = await next.BeginTransactionAsync();
        await next.ProduceAsync("out", "k", "kept");
        await again.CommitAsync();
        await using ILogConsumer reader = broker.CreateConsumer(
            new ConsumerOptions { OffsetReset = OffsetReset.Earliest, IsolationLevel = IsolationLevel.ReadCommitted });
        await reader.AssignAsync([new TopicPartition("out", 0)]);
        Assert.Equal("kept", Assert.Single(await RealKafka.ReadAsync(reader, 1)).ValueText);
    }

    /// <summary>librdkafka aborts the process where the question is left to its own time-out (4605), so that this test would end the whole run.</summary>
    [Fact]
    public async Task Questions_about_a_group_and_commits_keep_their_timeout_and_the_process_outlives_the_return_of_the_coordinator()
    {
        await using KafkaServer server = await StartAsync();
        await using KafkaLogBroker broker = await ConnectAsync(server);
        await broker.CreateTopicAsync("in");
        await using ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { GroupId = "mover" });
        TopicPartition partition = new("in", 0);
        await consumer.AssignAsync([partition]);
        TopicPartitionOffset offset = new("in", 0, new Offset(0));
        await consumer.CommitAsync([offset]);
        await using (await LoseAsync(server, isKilled: true))
        {
            await FailsInTimeAsync(() => broker.DescribeGroupAsync("mover").AsTask());
            await FailsInTimeAsync(() => consumer.CommittedAsync(partition).AsTask());
            await FailsInTimeAsync(() => consumer.CommitAsync([offset]).AsTask());
        }

        GroupDescription? group = null;
        await RetryAsync(async () => group = await broker.DescribeGroupAsync("mover"));
        Assert.Equal(partition, Assert.Single(group!.Offsets).Partition);
    }

    [Fact]
    public async Task Records_that_wait_for_their_topic_fail_together_and_disposal_does_not_wait_for_each()
    {
        await using KafkaServer server = await StartAsync();
        await using KafkaLogBroker broker = await ConnectAsync(server);
        await broker.CreateTopicAsync("in");
        ILogProducer producer = broker.CreateProducer();
        await using (await LoseAsync(server, isKilled: true))
        {
            Stopwatch watch = Stopwatch.StartNew();
            Task<RecordPosition>[] records = [.. Enumerable.Range(0, 20).Select(i => producer.ProduceAsync("in", $"k{i}", "v").AsTask())];
            foreach (Task<RecordPosition> record in records)
                Assert.Equal(LogErrorCode.RequestTimedOut, (await Assert.ThrowsAsync<LogException>(() => record.WaitAsync(s_limit))).ErrorCode);
            await producer.DisposeAsync().AsTask().WaitAsync(s_limit);
            Assert.True(watch.Elapsed < s_requestTimeout + s_closeTimeout + s_slack, $"It took {watch.Elapsed}.");
        }
    }

    [Fact]
    public async Task A_record_waits_for_its_topic_no_longer_than_its_delivery_timeout()
    {
        await using KafkaServer server = await StartAsync();
        await using KafkaLogBroker broker = await ConnectAsync(server, TimeSpan.FromMinutes(5));
        await broker.CreateTopicAsync("in");
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(2) });
        await using (await LoseAsync(server, isKilled: true))
        {
            LogException late = await Assert.ThrowsAsync<LogException>(() => producer.ProduceAsync("in", "k", "v").AsTask().WaitAsync(s_limit));
            Assert.Contains("DeliveryTimeout (2 s)", late.Message, StringComparison.Ordinal);
        }
    }

    private static Task<KafkaLogBroker> ConnectAsync(KafkaServer server, TimeSpan? requestTimeout = null) => KafkaLogBroker.ConnectAsync(new KafkaOptions
    {
        BootstrapServers = server.BootstrapServers,
        RequestTimeout = requestTimeout ?? s_requestTimeout,
        CloseTimeout = s_closeTimeout,
    });

    private static async Task FailsInTimeAsync(Func<Task> step)
    {
        Stopwatch watch = Stopwatch.StartNew();
        LogException late = await Assert.ThrowsAnyAsync<LogException>(() => step().WaitAsync(s_limit));
        Assert.True(watch.Elapsed < s_requestTimeout + s_slack, $"It took {watch.Elapsed}.");
        Assert.Equal(LogErrorCode.RequestTimedOut, late.ErrorCode);
        Assert.Contains("'mover'", late.Message, StringComparison.Ordinal);
    }

    /// <summary>A coordinator that has just started may need more than one time-out.</summary>
    private static async Task RetryAsync(Func<Task> step)
    {
        using CancellationTokenSource limit = new(s_limit);
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (LogException early) when (early.ErrorCode is not LogErrorCode.ProducerFenced)
            {
                await Task.Delay(200, limit.Token);
            }
        }
    }

    private static async Task<KafkaServer> StartAsync()
    {
        try
        {
            return await KafkaServer.StartAsync(new ProvisioningOptions { UseContainers = false });
        }
        catch (BrokerUnavailableException unavailable)
        {
            Assert.Skip(unavailable.Message);
            throw;
        }
    }

    /// <summary>Kills the broker, or stops its process in the middle of what it does; undone by disposal.</summary>
    private static async Task<IAsyncDisposable> LoseAsync(KafkaServer server, bool isKilled)
    {
        BrokerNode node = server.Nodes[0];
        if (isKilled)
        {
            await node.KillAsync();
            return new Undo(() => node.StartAsync());
        }

        int id = node.ProcessId;
        await SignalAsync("-STOP", id);
        return new Undo(() => SignalAsync("-CONT", id));
    }

    private static async Task SignalAsync(string signal, int processId)
    {
        using Process kill = Process.Start("kill", [signal, $"{processId}"]);
        await kill.WaitForExitAsync();
    }

    private sealed class Undo(Func<Task> undo) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(undo());
    }
}
