using MessagingModels.Samples.Lessons;

namespace MessagingModels.Samples.Tests.Lessons;

/// <summary>Starts the broker for a class of tests: xunit calls what the base class has.</summary>
public sealed class BrokerFixture : MessagingFixture, IAsyncLifetime;

/// <summary>The test class that the lesson xunit-fixture shows.</summary>
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
