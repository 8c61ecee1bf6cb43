using MessagingModels.Kafka.Administration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>What administration has to add to the library's own calls.</summary>
public sealed class AdministrationTests(RealKafka kafka)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Deleting_records_of_a_partition_that_does_not_exist_fails_at_once()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);

        LogException refused = await Assert.ThrowsAsync<LogException>(
            () => broker.DeleteRecordsAsync(new TopicPartition(topic, 1), null).AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.UnknownTopicOrPartition, refused.ErrorCode);
    }

    [Fact]
    public async Task A_login_that_was_refused_once_does_not_fail_later_questions()
    {
        await using ClusterAdmin cluster = new(await kafka.OptionsAsync(), NullLogger.Instance);
        cluster.OnReported(new Confluent.Kafka.Error(Confluent.Kafka.ErrorCode.SaslAuthenticationFailed, "refused"));
        Assert.NotEmpty((await cluster.DescribeAsync(s_limit, CancellationToken.None)).Nodes);
    }

    [Fact]
    public async Task Time_before_1970_finds_the_first_record()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, null, "a");

        Assert.Equal(Offset.Zero, await broker.FindOffsetAsync(new TopicPartition(topic, 0), DateTimeOffset.MinValue));
    }

    [Fact]
    public async Task Created_topics_can_be_used_at_once_and_deleted_ones_are_gone()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        for (int i = 0; i < 5; i++)
        {
            string topic = RealKafka.Unique("topic");
            await broker.CreateTopicAsync(topic, partitions: 4);
            Assert.Equal(4, (await broker.DescribeTopicAsync(topic)).Partitions.Count(p => p.Leader >= 0 && p.Error is null));
            Assert.Equal(Offset.Zero, (await broker.GetOffsetsAsync(new TopicPartition(topic, 3))).HighWatermark);
            await broker.DeleteTopicAsync(topic);
            Assert.DoesNotContain(topic, await broker.ListTopicsAsync());
        }
    }

    [Fact]
    public async Task Cancelled_request_ends_at_once()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => broker.ListGroupsAsync(new CancellationToken(canceled: true)).AsTask().WaitAsync(s_limit));
    }
}
