using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>The consumer against a real cluster.</summary>
public sealed class ConsumerTests(RealKafka kafka)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Cancelled_read_ends_at_once_and_loses_nothing()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogConsumer consumer = await ReaderAsync(broker, topic);
        for (int i = 0; i < 5; i++)
        {
            using CancellationTokenSource cancelled = new();
            Task<IReadOnlyList<LogRecord>> reading = consumer.PollAsync(Timeout.InfiniteTimeSpan, 10, cancelled.Token).AsTask();
            await WriteAsync(broker, topic, $"{i}");
            await cancelled.CancelAsync();
            Stopwatch watch = Stopwatch.StartNew();
            Exception? ended = await Record.ExceptionAsync(() => reading.WaitAsync(s_limit));
            Assert.True(ended is OperationCanceledException || reading.IsCompletedSuccessfully, $"{ended}");
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}.");
            if (reading.IsCompletedSuccessfully)
                Assert.Equal(i, Assert.Single(await reading).Offset.Value);
            else
                Assert.Equal(i, Assert.Single(await RealKafka.ReadAsync(consumer, 1)).Offset.Value);
        }
    }

    [Fact]
    public async Task Reading_stopped_in_the_middle_goes_on_with_the_next_record()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await WriteAsync(broker, topic, "a", "b", "c");
        await using ILogConsumer consumer = await ReaderAsync(broker, topic);
        List<string?> seen = [];
        for (int i = 0; i < 3; i++)
        {
            await foreach (LogRecord record in consumer.ReadAsync())
            {
                seen.Add(record.ValueText);
                break;
            }
        }

        Assert.Equal(["a", "b", "c"], seen);
    }

    [Fact]
    public async Task Pattern_takes_in_topics_that_are_created_later_by_the_rules_of_net()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string stem = RealKafka.Unique("p");
        await broker.CreateTopicAsync($"{stem}-1");
        await using ILogConsumer consumer = broker.CreateConsumer(
            new ConsumerOptions { GroupId = stem, OffsetReset = OffsetReset.Earliest, AutoCommit = true });

        // Neither look-ahead nor \d is known to librdkafka's own patterns.
        await consumer.SubscribeAsync(new Regex($@"{stem}-(?!9)\d"));
        await broker.CreateTopicAsync($"{stem}-9");
        await broker.CreateTopicAsync($"{stem}-22");
        await broker.CreateTopicAsync($"{stem}-2");
        await WriteAsync(broker, $"{stem}-9", "no");
        await WriteAsync(broker, $"{stem}-22", "no");
        await WriteAsync(broker, $"{stem}-1", "one");
        await WriteAsync(broker, $"{stem}-2", "two");

        Assert.Equal(["one", "two"], (await RealKafka.ReadAsync(consumer, 2)).Select(r => r.ValueText).Order());
        Assert.Equal([$"{stem}-1", $"{stem}-2"], consumer.Assignment.Select(p => p.Topic).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Subscription_to_nothing_yet_completes_and_reads_the_topic_once_it_is_there()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("later");
        await using ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { GroupId = topic, OffsetReset = OffsetReset.Earliest });
        await consumer.SubscribeAsync([topic]).AsTask().WaitAsync(s_limit);
        Assert.Empty(consumer.Assignment);
        await broker.CreateTopicAsync(topic);
        await WriteAsync(broker, topic, "a");

        Assert.Equal("a", Assert.Single(await RealKafka.ReadAsync(consumer, 1)).ValueText);
    }

    [Fact]
    public async Task Strategies_that_Kafka_has_not_are_refused()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();

        Assert.Throws<NotSupportedException>(() => broker.CreateConsumer(new ConsumerOptions { GroupId = "g", AssignmentStrategies = [AssignmentStrategy.Sticky] }));
        Assert.Throws<NotSupportedException>(() => broker.CreateConsumer(new ConsumerOptions { GroupId = "g", AssignmentStrategies = ["my-own"] }));
    }

    [Fact]
    public async Task Text_beside_an_offset_is_refused()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogConsumer member = await broker.JoinGroupAsync(topic, topic);

        await Assert.ThrowsAsync<NotSupportedException>(
            () => member.CommitAsync([new TopicPartitionOffset(topic, 0, new Offset(1), "text")]).AsTask());
    }

    [Fact]
    public async Task Listener_may_seek_pause_and_commit_and_what_it_throws_the_read_throws()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await WriteAsync(broker, topic, "a", "b", "c");
        TopicPartition partition = new(topic, 0);
        await using ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { GroupId = topic, OffsetReset = OffsetReset.Earliest });
        await consumer.SubscribeAsync([topic], new Listener(async c =>
        {
            await c.SeekAsync(partition, new Offset(2));
            await c.PauseAsync([partition]);
            await c.CommitAsync([new TopicPartitionOffset(topic, 0, new Offset(1))]);
        }));
        Assert.Empty(await consumer.PollAsync(TimeSpan.FromMilliseconds(300)));
        Assert.Equal(new Offset(1), (await consumer.CommittedAsync(partition))?.Offset);
        await consumer.ResumeAsync([partition]);
        Assert.Equal("c", Assert.Single(await RealKafka.ReadAsync(consumer, 1)).ValueText);
        await consumer.UnsubscribeAsync();

        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => consumer.SubscribeAsync([topic], new Listener(_ => throw new InvalidOperationException("as intended"))).AsTask());
        Assert.Equal("as intended", thrown.Message);
    }

    [Fact]
    public async Task Automatic_commit_covers_what_was_handed_out_and_no_more()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await WriteAsync(broker, topic, "a", "b", "c", "d");
        ConsumerOptions options = new() { GroupId = topic, OffsetReset = OffsetReset.Earliest, AutoCommit = true };
        await using (ILogConsumer first = broker.CreateConsumer(options))
        {
            await first.SubscribeAsync([topic]);
            int read = 0;
            await foreach (LogRecord record in first.ReadAsync())
            {
                if (++read == 2)
                    break;
            }
        }

        await using ILogConsumer second = broker.CreateConsumer(options);
        await second.SubscribeAsync([topic]);
        Assert.Equal(["c", "d"], (await RealKafka.ReadAsync(second, 2)).Select(r => r.ValueText));
    }

    [Fact]
    public async Task Reading_does_not_hold_threads_of_the_pool()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        ILogConsumer[] consumers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => ReaderAsync(broker, topic)));
        Task[] reads = [.. consumers.Select(c => c.PollAsync(s_limit, 1).AsTask())];

        // With their threads held, the pool would take long to run this.
        await Task.Run(() => { }).WaitAsync(TimeSpan.FromSeconds(20));
        await WriteAsync(broker, topic, "a");
        await Task.WhenAll(reads).WaitAsync(s_limit);
        foreach (ILogConsumer consumer in consumers)
            await consumer.DisposeAsync();
    }

    private async Task<(KafkaLogBroker Broker, string Topic)> TopicAsync()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        return (broker, topic);
    }

    private static async Task WriteAsync(KafkaLogBroker broker, string topic, params string[] values)
    {
        await using ILogProducer producer = broker.CreateProducer();
        foreach (string value in values)
            await producer.ProduceAsync(topic, null, value);
    }

    private static async Task<ILogConsumer> ReaderAsync(KafkaLogBroker broker, string topic)
    {
        ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition(topic, 0)]);
        return consumer;
    }

    private sealed class Listener(Func<ILogConsumer, Task> onAssigned) : IRebalanceListener
    {
        public async ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => await onAssigned(consumer);

        public ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken) => default;

        public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken) => default;
    }
}
