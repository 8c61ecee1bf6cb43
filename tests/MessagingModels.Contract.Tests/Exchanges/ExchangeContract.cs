using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>A test of the exchange contract with a virtual host of its own, and the steps that many of these tests take.</summary>
public abstract class ExchangeContract(IExchangeProvider provider) : IAsyncLifetime
{
    /// <summary>Waits end here at the latest; the machine may be busy with something else.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(10);

    private ExchangeSite? _site;
    private IExchangeChannel? _channel;

    protected IExchangeBroker Broker => Site.Broker;

    /// <summary>The name of the test's virtual host, as error texts show it.</summary>
    protected string VirtualHost => Broker.VirtualHost;

    protected ExchangeSite Site => _site ?? throw new InvalidOperationException("The test has no virtual host yet.");

    public async ValueTask InitializeAsync() => _site = await provider.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_site is not null)
            await _site.DisposeAsync();
    }

    /// <summary>Skips the test where the system lacks a feature.</summary>
    protected void Needs(ExchangeFeature feature)
    {
        if (!Broker.Capabilities.Supports(feature))
            Assert.Skip($"{Broker.Capabilities.System} does not offer {feature}: {Broker.Capabilities.Note(feature)}.");
    }

    /// <summary>A channel with confirms that goes with the test's connection.</summary>
    protected ValueTask<IExchangeChannel> OpenAsync(ChannelOptions? options = null) => Broker.OpenChannelAsync(options);

    /// <summary>Publishes texts to a queue by the default exchange, one after the other, each confirmed.</summary>
    protected async Task FillAsync(string queue, params string[] texts)
    {
        foreach (string text in texts)
            await PublishAsync("", queue, text);
    }

    /// <summary>Publishes a text and waits for its confirm.</summary>
    protected async Task<PublishOutcome> PublishAsync(string exchange, string routingKey, string text, MessageProperties? properties = null)
    {
        _channel ??= await OpenAsync();
        return await _channel.PublishAsync(exchange, routingKey, text, properties);
    }

    /// <summary>The texts of all ready messages of a queue, which are taken away.</summary>
    protected async Task<List<string>> DrainAsync(string queue)
    {
        await using IExchangeChannel channel = await OpenAsync();
        List<string> texts = [];
        while (await channel.GetAsync(queue, autoAck: true) is { } delivery)
            texts.Add(delivery.Text);
        return texts;
    }

    /// <summary>Takes the next message from a queue and waits until there is one.</summary>
    protected async Task<Delivery> TakeAsync(string queue, IExchangeChannel? channel = null)
    {
        IExchangeChannel used = channel ?? await OpenAsync();
        Delivery? taken = null;
        await UntilAsync(async () => (taken = await used.GetAsync(queue, autoAck: channel is null)) is not null, $"a message in '{queue}'");
        return taken!.Value;
    }

    /// <summary>Reads so many deliveries, waiting for them.</summary>
    protected static async Task<List<Delivery>> ReadAsync(IQueueConsumer consumer, int count)
    {
        using CancellationTokenSource patience = new(s_patience);
        List<Delivery> deliveries = [];
        await foreach (Delivery delivery in consumer.ReadAsync(patience.Token))
        {
            deliveries.Add(delivery);
            if (deliveries.Count == count)
                break;
        }

        return deliveries;
    }

    /// <summary>The texts of the next deliveries.</summary>
    protected static async Task<string[]> ReadTextsAsync(IQueueConsumer consumer, int count)
        => [.. (await ReadAsync(consumer, count)).Select(delivery => delivery.Text)];

    /// <summary>How many messages are ready in a queue.</summary>
    protected async Task<long> ReadyAsync(string queue) => (await Broker.DescribeQueueAsync(queue)).ReadyMessages;

    /// <summary>Waits until so many messages are ready in a queue.</summary>
    protected Task UntilReadyAsync(string queue, long count)
        => UntilAsync(async () => await ReadyAsync(queue) == count, $"{count} messages in '{queue}'");

    /// <summary>Waits until a queue is gone.</summary>
    protected Task UntilGoneAsync(string queue) => UntilAsync(
        async () => await FailureOf(async () => await Broker.DescribeQueueAsync(queue)) is ChannelException { ReplyCode: ReplyCode.NotFound },
        $"'{queue}' is gone");

    /// <summary>Waits for a condition.</summary>
    protected static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < s_patience, $"Waited {s_patience.TotalSeconds} s in vain until: {what}.");
            await Task.Delay(s_pollInterval);
        }
    }

    /// <summary>Expects a channel error with this code and exactly this text.</summary>
    protected static async Task RefusedAsync(ReplyCode code, string message, Func<Task> action)
    {
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(action);
        Assert.Equal(message, error.Message);
        Assert.Equal(code, error.ReplyCode);
    }

    /// <summary>Expects that a condition of the broker is not met (406).</summary>
    protected static Task FailedAsync(string message, Func<Task> action)
        => RefusedAsync(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {message}", action);

    /// <summary>What an action throws; null where it throws nothing.</summary>
    protected static async Task<Exception?> FailureOf(Func<Task> action) => await Record.ExceptionAsync(action);

    /// <summary>A header, argument or policy table.</summary>
    protected static Dictionary<string, object?> Table(params (string Name, object? Value)[] fields)
        => fields.ToDictionary(field => field.Name, field => field.Value);
}
