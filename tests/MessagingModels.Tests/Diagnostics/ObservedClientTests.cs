using System.Diagnostics;
using MessagingModels.Tests.Serialization;

namespace MessagingModels.Tests.Diagnostics;

[Collection(nameof(MessagingDiagnostics))]
public sealed class ObservedClientTests
{
    [Fact]
    public async Task A_producer_that_nobody_observes_hands_records_on_as_they_are()
    {
        RecordingProducer inner = new();
        await using ObservedProducer producer = new(inner);
        RecordHeaders headers = new();

        await producer.ProduceAsync(new ProducerRecord("orders", "key", "value") { Headers = headers });

        Assert.Same(headers, inner.Records[0].Headers);
    }

    [Fact]
    public async Task A_send_is_traced_measured_and_carries_its_context()
    {
        RecordingProducer inner = new();
        await using ObservedProducer producer = new(inner);
        using Recording recording = new();

        await producer.ProduceAsync(new ProducerRecord("orders", "key", "value"));
        await producer.EnqueueAsync(new ProducerRecord("orders", "key", "value"));

        Assert.Equal(["send orders", "send orders"], recording.Spans.Select(span => span.DisplayName));
        Assert.Equal("0", recording.Spans[0].GetTagItem("messaging.destination.partition.id"));
        Assert.Equal(
            recording.Spans.Select(span => span.SpanId),
            inner.Records.Select(record => TraceContext.Extract(record.Headers!).SpanId));
        Assert.Equal(
            [
                "messaging.client.sent.messages 1: messagingmodels send send orders",
                "messaging.client.operation.duration: messagingmodels send send orders",
                "messaging.client.sent.messages 1: messagingmodels send send orders",
            ],
            recording.Measured);
    }

    [Fact]
    public async Task A_publish_is_traced_measured_and_carries_its_context()
    {
        await using ObservedChannel channel = new(RecordingChannel.Create(out RecordingChannel inner));
        using Recording recording = new();

        await channel.PublishAsync("events", "order.placed", "body"u8.ToArray());

        Activity span = Assert.Single(recording.Spans);
        Assert.Equal("publish events", span.DisplayName);
        Assert.Equal("events:order.placed", span.GetTagItem("messaging.destination.name"));
        Assert.Equal("order.placed", span.GetTagItem("messaging.rabbitmq.destination.routing_key"));
        Assert.Equal(4, span.GetTagItem("messaging.message.body.size"));
        Assert.Equal(span.SpanId, TraceContext.Extract(inner.Published[0].Properties).SpanId);
        Assert.Equal("messaging.client.sent.messages 1: messagingmodels publish send events", recording.Measured[0]);
    }

    [Fact]
    public async Task A_publish_that_fails_is_marked_with_its_error()
    {
        await using ObservedChannel channel = new(RecordingChannel.Create(out RecordingChannel inner));
        inner.Failure = new ChannelException(ReplyCode.NotFound, "NOT_FOUND - no exchange 'events'");
        using Recording recording = new();

        await Assert.ThrowsAsync<ChannelException>(async () => await channel.PublishAsync("events", "order.placed", "body"u8.ToArray()));

        Assert.Equal(ActivityStatusCode.Error, Assert.Single(recording.Spans).Status);
        Assert.Equal("messaging.client.sent.messages 1: messagingmodels publish send events NotFound", recording.Measured[0]);
    }

    [Fact]
    public async Task Records_that_are_read_are_counted()
    {
        using Recording recording = new();
        await using ObservedConsumer consumer = new(ScriptedConsumer.Of(
            new LogRecord("orders", 0, Offset.Zero, 0, null, null, null), new LogRecord("payments", 0, Offset.Zero, 0, null, null, null)));

        Assert.Equal(2, (await consumer.ReadAsync().ToListAsync()).Count);

        Assert.Equal(
            [
                "messaging.client.consumed.messages 1: messagingmodels poll receive orders billing",
                "messaging.client.consumed.messages 1: messagingmodels poll receive payments billing",
            ],
            recording.Measured);
    }

    [Fact]
    public async Task A_commit_is_timed()
    {
        using Recording recording = new();
        await using ObservedConsumer consumer = new(ScriptedConsumer.Of());

        await consumer.CommitAsync();
        await consumer.CommitAsync(new LogRecord("orders", 0, Offset.Zero, 0, null, null, null));

        Assert.Equal(
            [
                "messaging.client.operation.duration: messagingmodels commit settle billing",
                "messaging.client.operation.duration: messagingmodels commit settle orders billing",
            ],
            recording.Measured);
    }
}
