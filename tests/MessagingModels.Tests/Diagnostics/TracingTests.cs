using System.Diagnostics;

namespace MessagingModels.Tests.Diagnostics;

[Collection(nameof(MessagingDiagnostics))]
public sealed class TracingTests
{
    [Fact]
    public void Nothing_is_started_while_nobody_listens()
    {
        Assert.Null(MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic("orders")));
        Assert.Null(MessagingDiagnostics.StartProcessing(new LogRecord("orders", 0, Offset.Zero, 0, null, null, null)));
    }

    [Fact]
    public void Headers_stay_as_they_are_without_a_span()
    {
        RecordHeaders headers = new();

        Assert.Same(headers, TraceContext.Inject(null, headers));
        Assert.Same(MessageProperties.Empty, TraceContext.Inject(null, MessageProperties.Empty));
    }

    [Fact]
    public void A_send_has_the_attributes_of_the_conventions()
    {
        using Recording recording = new();
        using Activity? activity = MessagingDiagnostics.Start(MessagingOperation.Publish, ObservedDestination.OfPublish("events", "order.placed"));

        Assert.NotNull(activity);
        Assert.Equal("publish events", activity.DisplayName);
        Assert.Equal(ActivityKind.Producer, activity.Kind);
        Assert.Equal("messagingmodels", activity.GetTagItem("messaging.system"));
        Assert.Equal("publish", activity.GetTagItem("messaging.operation.name"));
        Assert.Equal("send", activity.GetTagItem("messaging.operation.type"));
        Assert.Equal("events:order.placed", activity.GetTagItem("messaging.destination.name"));
        Assert.Equal("events", activity.GetTagItem("messaging.destination.template"));
        Assert.Null(activity.GetTagItem("messaging.destination.anonymous"));
    }

    [Fact]
    public void Samplers_see_the_attributes_of_a_span_when_it_starts()
    {
        Dictionary<string, object?> seen = [];
        using ActivityListener sampler = new()
        {
            ShouldListenTo = source => source.Name == MessagingDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                seen = new(options.Tags!);
                return ActivitySamplingResult.None;
            },
        };
        ActivitySource.AddActivityListener(sampler);

        Assert.Null(MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic("orders")));
        Assert.Equal(("orders", "send"), (seen["messaging.destination.name"], seen["messaging.operation.type"]));
    }

    [Fact]
    public void A_queue_whose_name_was_made_up_is_in_no_span_name()
    {
        using Recording recording = new();
        using Activity? activity = MessagingDiagnostics.Start(MessagingOperation.Process, ObservedDestination.OfDelivery("events", "", "amq.gen-x1"));

        Assert.Equal("process", activity!.DisplayName);
        Assert.Equal("events:amq.gen-x1", activity.GetTagItem("messaging.destination.name"));
        Assert.Equal(true, activity.GetTagItem("messaging.destination.anonymous"));
        Assert.Null(activity.GetTagItem("messaging.destination.template"));
    }

    [Fact]
    public void Processing_a_record_continues_the_trace_of_its_producer()
    {
        using Recording recording = new();
        RecordHeaders original = new();
        original.Add("color", "blue");
        using Activity? send = MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic("orders"));
        RecordHeaders sent = TraceContext.Inject(send, original)!;
        send!.Stop();

        using Activity? process = MessagingDiagnostics.StartProcessing(new LogRecord("orders", 2, new Offset(5), 0, null, null, sent), "billing");

        Assert.Single(original);
        Assert.Equal("blue", sent[0].Text);
        Assert.Equal(send.TraceId, process!.TraceId);
        Assert.Equal(send.SpanId, process.ParentSpanId);
        Assert.Equal("process orders", process.DisplayName);
        Assert.Equal("billing", process.GetTagItem("messaging.consumer.group.name"));
        Assert.Equal("2", process.GetTagItem("messaging.destination.partition.id"));
        Assert.Equal(5L, process.GetTagItem("messaging.kafka.offset"));
    }

    [Fact]
    public void Processing_a_delivery_continues_the_trace_of_its_publisher()
    {
        using Recording recording = new();
        using Activity? publish = MessagingDiagnostics.Start(MessagingOperation.Publish, ObservedDestination.OfPublish("events", "order.placed"));
        MessageProperties sent = TraceContext.Inject(publish, new MessageProperties { Headers = new Dictionary<string, object?> { ["color"] = "blue" } })!;
        publish!.Stop();

        using Activity? process = MessagingDiagnostics.StartProcessing(
            new Delivery(null!, 3, "events", "order.placed", sent, default, 0, false), "audit");

        Assert.Equal("blue", sent.Headers["color"]);
        Assert.Equal(publish.SpanId, process!.ParentSpanId);
        Assert.Equal("process audit", process.DisplayName);
        Assert.Equal("events:order.placed:audit", process.GetTagItem("messaging.destination.name"));
        Assert.Equal("audit", process.GetTagItem("messaging.destination.template"));
        Assert.Equal("order.placed", process.GetTagItem("messaging.rabbitmq.destination.routing_key"));
    }

    [Fact]
    public void A_context_in_bytes_or_in_none_is_read_as_such()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        MessageProperties bytes = new() { Headers = new Dictionary<string, object?> { ["traceparent"] = System.Text.Encoding.UTF8.GetBytes(Parent) } };
        MessageProperties number = new() { Headers = new Dictionary<string, object?> { ["traceparent"] = 1 } };

        Assert.Equal("b7ad6b7169203331", TraceContext.Extract(bytes).SpanId.ToHexString());
        Assert.Equal(default, TraceContext.Extract(number));
        Assert.Equal(default, TraceContext.Extract(RecordHeaders.Empty));
    }

    [Fact]
    public void A_failure_is_marked_with_its_code()
    {
        using Recording recording = new();
        using Activity? activity = MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic("orders"));

        MessagingDiagnostics.Fail(activity, new LogException(LogErrorCode.MessageTooLarge, "too large"));

        Assert.Equal(ActivityStatusCode.Error, activity!.Status);
        Assert.Equal("MessageTooLarge", activity.GetTagItem("error.type"));
    }
}

/// <summary>Tests that switch listeners on and off run one after another: listeners are the process's.</summary>
[CollectionDefinition(nameof(MessagingDiagnostics), DisableParallelization = true)]
public sealed class DiagnosticsGroup;
