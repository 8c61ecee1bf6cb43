using System.Reflection;
using System.Text;

namespace MessagingModels.Tests.Serialization;

public sealed class JsonMessageTests
{
    [Fact]
    public async Task A_published_value_is_json_and_says_so()
    {
        IExchangeChannel channel = RecordingChannel.Create(out RecordingChannel recording);

        await channel.PublishJsonAsync("events", "order.placed", new Order("tea", 1));
        await channel.PublishJsonAsync("events", "order.placed", new Order("tea", 2), new MessageProperties { Persistent = true });
        await channel.PublishJsonAsync("events", "order.placed", new Order("tea", 3), new MessageProperties { ContentType = "text/json" });

        Assert.Equal("""{"item":"tea","count":1}""", Encoding.UTF8.GetString(recording.Published[0].Body.Span));
        Assert.Equal(["application/json", "application/json", "text/json"], recording.Published.Select(message => message.Properties.ContentType));
        Assert.True(recording.Published[1].Properties.Persistent);
    }

    [Fact]
    public async Task A_generated_contract_is_followed()
    {
        IExchangeChannel channel = RecordingChannel.Create(out RecordingChannel recording);

        await channel.PublishJsonAsync("", "orders", new Order("tea", 1), typeInfo: OrderJson.Default.Order);

        Assert.Equal("""{"Item":"tea","Count":1}""", Encoding.UTF8.GetString(recording.Published[0].Body.Span));
    }

    [Fact]
    public void A_delivery_is_read_as_json()
    {
        Delivery delivery = new(
            RecordingChannel.Create(out _), 1, "events", "order.placed", MessageProperties.Empty, """{"item":"tea","count":1}"""u8.ToArray(), 0, false);

        Assert.Equal(new Order("tea", 1), delivery.ReadJson<Order>());
        Assert.Throws<FormatException>(() => delivery.ReadJson<int[]>());
    }

    [Fact]
    public void A_record_is_read_as_json()
    {
        LogRecord record = new("orders", 0, Offset.Zero, 0, null, """{"Item":"tea","Count":1}"""u8.ToArray(), null);

        Assert.Equal(new Order("tea", 1), record.ReadJson(OrderJson.Default.Order));
    }
}

/// <summary>A channel that keeps what is published.</summary>
public class RecordingChannel : DispatchProxy
{
    internal Exception? Failure { get; set; }

    internal List<(ReadOnlyMemory<byte> Body, MessageProperties Properties)> Published { get; } = [];

    /// <summary>Creates a channel.</summary>
    internal static IExchangeChannel Create(out RecordingChannel recording)
    {
        IExchangeChannel channel = Create<IExchangeChannel, RecordingChannel>();
        recording = (RecordingChannel)channel;
        return channel;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncDisposable.DisposeAsync))
            return default(ValueTask);
        if (Failure is not null)
            throw Failure;
        Published.Add(((ReadOnlyMemory<byte>)args![2]!, (MessageProperties)args[3]!));
        return new ValueTask<PublishOutcome>(PublishOutcome.Confirmed);
    }
}
