using System.Collections.Concurrent;
using System.Diagnostics;

namespace MessagingModels.Broker.Tests.Hosting;

public sealed class EmbeddedDiagnosticsTests
{
    [Fact]
    public async Task A_trace_goes_from_the_sender_through_both_models_to_who_processes()
    {
        ActivityTraceId trace = default;
        ConcurrentBag<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == MessagingDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await broker.Log.CreateTopicAsync("orders");
        await broker.Exchanges.DeclareExchangeAsync("events", ExchangeType.Fanout);
        await broker.Exchanges.DeclareQueueAsync("audit");
        await broker.Exchanges.BindQueueAsync("audit", "events");
        await broker.Exchanges.BindTopicAsync("orders", "events");
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync();

        using (Activity request = new("request"))
        {
            trace = request.Start().TraceId;
            await channel.PublishAsync("events", "order.placed", "1 tea");
        }

        Delivery delivery = (await channel.GetAsync("audit", autoAck: true))!.Value;
        await using ILogConsumer reader = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await reader.AssignAsync([new TopicPartition("orders", 0)]);
        LogRecord record = (await reader.PollAsync(TimeSpan.FromSeconds(10)))[0];
        using Activity? work = MessagingDiagnostics.StartProcessing(delivery, "audit");
        using Activity? replay = MessagingDiagnostics.StartProcessing(record);

        Assert.Equal(trace, work!.TraceId);
        Assert.Equal(trace, replay!.TraceId);
        Activity publish = Assert.Single(ended, span => span.TraceId == trace && span.DisplayName == "publish events");
        Assert.Equal(
            ["events:order.placed", "events:order.placed:audit", "orders"],
            new[] { publish, work, replay }.Select(span => span.GetTagItem("messaging.destination.name")));
    }
}
