namespace MessagingModels.Tests.Diagnostics;

[Collection(nameof(MessagingDiagnostics))]
public sealed class MetricsTests
{
    [Fact]
    public void Nothing_is_measured_or_allocated_while_nobody_listens()
    {
        Measure();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Measure();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.False(MessagingMetrics.MeasuresSends);
        Assert.Equal(0, MessagingMetrics.Begin());
        Assert.InRange(allocated, 0, 500);

        static void Measure()
        {
            long begin = MessagingMetrics.Begin();
            MessagingMetrics.Sent(MessagingOperation.Send, "orders", 1);
            MessagingMetrics.Consumed(MessagingOperation.Poll, "orders", "billing", 1);
            MessagingMetrics.Ended(MessagingOperation.Send, "orders", begin);
        }
    }

    [Fact]
    public void Sends_receives_and_durations_carry_the_attributes_of_the_conventions()
    {
        using Recording recording = new();

        long begin = MessagingMetrics.Begin();
        MessagingMetrics.Sent(MessagingOperation.Send, "orders", 3);
        MessagingMetrics.Sent(MessagingOperation.Publish, ObservedDestination.LabelOfExchange(""), 1, new ChannelException(ReplyCode.NotFound, "no exchange"));
        MessagingMetrics.Consumed(MessagingOperation.Poll, "orders", "billing", 2);
        MessagingMetrics.Consumed(MessagingOperation.Poll, "orders", "billing", 0);
        MessagingMetrics.Ended(MessagingOperation.Commit, "orders", begin, "billing");
        MessagingMetrics.Sent(MessagingOperation.Send, "orders", 1, system: new MessagingSystem("kafka") { Server = new ServerAddress("kafka1", 9092) });

        Assert.Equal(
            [
                "messaging.client.sent.messages 3: messagingmodels send send orders",
                "messaging.client.sent.messages 1: messagingmodels publish send amq.default NotFound",
                "messaging.client.consumed.messages 2: messagingmodels poll receive orders billing",
                "messaging.client.operation.duration: messagingmodels commit settle orders billing",
                "messaging.client.sent.messages 1: kafka kafka1 9092 send send orders",
            ],
            recording.Measured);
    }

    [Fact]
    public void Measurements_name_a_topic_and_stand_in_for_destinations_with_a_routing_key()
    {
        using Recording recording = new();

        MessagingMetrics.Sent(MessagingOperation.Send, "orders", 1);
        MessagingMetrics.Sent(MessagingOperation.Publish, "events", 1);
        MessagingMetrics.Consumed(MessagingOperation.Consume, ObservedDestination.LabelOfQueue("audit"), null, 1);
        MessagingMetrics.Consumed(MessagingOperation.Consume, ObservedDestination.LabelOfQueue("amq.gen-x1"), null, 1);

        Assert.Equal(
            ["messaging.destination.name=orders", "messaging.destination.template=events", "messaging.destination.template=audit", ""],
            recording.Destinations);
    }
}
