using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class XunitFixture() : Lesson(20, "xunit-fixture", "The broker in a test class, where a container would have been.")
{
    // What the test project holds; tests/MessagingModels.Samples.Tests has it in full and runs it.
    private const string TestClass = """
        public sealed class BrokerFixture : MessagingFixture, IAsyncLifetime;

        public sealed class OrderServiceTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
        {
            [Fact]
            public async Task A_placed_order_reaches_the_kitchen()
            {
                await using OrderService service = await OrderService.CreateAsync(fixture.Broker.Exchanges);

                await service.PlaceAsync("1 tea");

                Delivery? delivery = await fixture.Channel.GetAsync("kitchen", autoAck: true);
                Assert.Equal("1 tea", delivery!.Value.Text);
            }
        }
        """;

    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        output.WriteLine(TestClass);
        output.WriteLine();

        // What xunit does with it: start once for the class, run its tests, stop.
        await using MessagingFixture fixture = new();
        await fixture.InitializeAsync();
        await using OrderService service = await OrderService.CreateAsync(fixture.Broker.Exchanges, stopping);
        await service.PlaceAsync("1 tea", stopping);
        Delivery? delivery = await fixture.Channel.GetAsync("kitchen", autoAck: true, stopping);
        output.WriteLine($"The kitchen got: {delivery!.Value.Text}");
        output.WriteLine("No container was started, and nothing is left behind.");
    }
}

/// <summary>A broker in memory for the tests of a class. Starting one takes milliseconds, so that each class can have its own.</summary>
public class MessagingFixture : IAsyncDisposable
{
    private EmbeddedBroker? _broker;
    private IExchangeChannel? _channel;

    /// <summary>The broker.</summary>
    public EmbeddedBroker Broker => _broker ?? throw new InvalidOperationException("The fixture is not initialized yet.");

    /// <summary>A channel for the tests' own publishes and reads.</summary>
    public IExchangeChannel Channel => _channel ?? throw new InvalidOperationException("The fixture is not initialized yet.");

    /// <summary>Starts the broker. Called by xunit before the first test.</summary>
    /// <returns>A task that completes when tests can begin.</returns>
    public async ValueTask InitializeAsync()
    {
        _broker = await EmbeddedBroker.StartAsync();
        _channel = await _broker.Exchanges.OpenChannelAsync();
    }

    /// <summary>Stops the broker. Called by xunit after the last test.</summary>
    /// <returns>A task that completes when all is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_channel is not null)
            await _channel.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}

/// <summary>The service under test: it knows the API, not what is behind it.</summary>
public sealed class OrderService : IAsyncDisposable
{
    private readonly IExchangeChannel _channel;

    private OrderService(IExchangeChannel channel) => _channel = channel;

    /// <summary>Declares what the service needs.</summary>
    /// <param name="exchanges">The broker.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <returns>The service.</returns>
    public static async Task<OrderService> CreateAsync(IExchangeBroker exchanges, CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(exchanges);
        await exchanges.DeclareQueueAsync("kitchen", cancellationToken: stopping);
        return new OrderService(await exchanges.OpenChannelAsync(cancellationToken: stopping));
    }

    /// <summary>Sends an order to the kitchen.</summary>
    /// <param name="order">What is ordered.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <returns>A task that completes when the kitchen's queue has it.</returns>
    public async Task PlaceAsync(string order, CancellationToken stopping = default)
        => await _channel.PublishAsync("", "kitchen", order, MessageProperties.PersistentOnly, cancellationToken: stopping);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
