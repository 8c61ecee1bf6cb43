using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MessagingModels.Tests.Hosting;

public sealed class AddMessagingModelsTests
{
    [Fact]
    public void Without_a_provider_it_is_refused()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => new ServiceCollection().AddMessagingModels(_ => { }));

        Assert.Contains("no provider", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_providers_of_one_model_are_refused()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddMessagingModels(
            b => b.UseProvider<StubProvider>(MessagingModel.Both).UseProvider<OtherStubProvider>(MessagingModel.Exchange)));

        Assert.Contains("OtherStubProvider cannot provide the exchange model: StubProvider does already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_call_sees_the_providers_of_the_first()
    {
        ServiceCollection services = new();
        services.AddMessagingModels(b => b.UseProvider<StubProvider>(MessagingModel.Log));

        Assert.Throws<InvalidOperationException>(
            () => services.AddMessagingModels(b => b.UseProvider<OtherStubProvider>(MessagingModel.Log)));
        services.AddMessagingModels(b => b.UseProvider<OtherStubProvider>(MessagingModel.Exchange));

        Assert.Single(services, service => service.ServiceType == typeof(IHostedService));
    }

    [Fact]
    public async Task Each_model_comes_from_its_own_provider()
    {
        using IHost host = BuildHost(b => b
            .UseProvider<StubProvider>(MessagingModel.Log)
            .UseProvider<OtherStubProvider>(MessagingModel.Exchange));

        await host.StartAsync();
        await host.Services.GetRequiredService<ILogBroker>().CreateTopicAsync("orders");
        await host.Services.GetRequiredService<IExchangeBroker>().DeclareQueueAsync("audit");

        Assert.Equal(["started"], host.Services.GetRequiredService<StubProvider>().Events);
        Assert.Equal(["started"], host.Services.GetRequiredService<OtherStubProvider>().Events);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_model_that_no_provider_offers_says_so()
    {
        using IHost host = BuildHost(b => b.UseProvider<StubProvider>(MessagingModel.Log));
        await host.StartAsync();

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.Services.GetRequiredService<IExchangeBroker>().DeclareQueueAsync("audit"));

        Assert.Contains("No provider offers the exchange model", error.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_before_the_start_says_what_to_wait_for()
    {
        using IHost host = BuildHost(b => b.UseProvider<StubProvider>(MessagingModel.Both));
        ILogBroker log = host.Services.GetRequiredService<ILogBroker>();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => log.CreateProducer());
        Assert.Contains("not started yet", error.Message, StringComparison.Ordinal);

        await host.StartAsync();
        await log.CreateTopicAsync("orders");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_after_the_stop_is_refused()
    {
        using IHost host = BuildHost(b => b.UseProvider<StubProvider>(MessagingModel.Both));
        await host.StartAsync();
        await host.StopAsync();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => host.Services.GetRequiredService<ILogBroker>().CreateProducer());

        Assert.Contains("have stopped", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_of_the_user_start_after_the_broker_and_stop_before_it()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<UserService>();
        builder.Services.AddMessagingModels(b => b.UseProvider<StubProvider>(MessagingModel.Both));
        using IHost host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal(["started", "user started", "user stopped", "disposed"], host.Services.GetRequiredService<StubProvider>().Events);
    }

    [Fact]
    public async Task A_provider_that_fails_to_start_fails_the_host_and_takes_the_others_down()
    {
        using IHost host = BuildHost(b => b
            .UseProvider<StubProvider>(MessagingModel.Log)
            .UseProvider<OtherStubProvider>(MessagingModel.Exchange));
        host.Services.GetRequiredService<OtherStubProvider>().StartFailure = new IOException("The directory is in use.");

        IOException error = await Assert.ThrowsAsync<IOException>(() => host.StartAsync());

        Assert.Equal("The directory is in use.", error.Message);
        Assert.Equal(["started", "disposed"], host.Services.GetRequiredService<StubProvider>().Events);
    }

    [Fact]
    public async Task A_provider_that_starts_without_the_model_it_was_registered_for_fails_the_host()
    {
        using IHost host = BuildHost(b => b.UseProvider<StubProvider>(MessagingModel.Both));
        host.Services.GetRequiredService<StubProvider>().WithoutExchanges = true;

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("'stub' was registered for IExchangeBroker", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_may_be_disposed_without_waiting()
    {
        ServiceProvider services = new ServiceCollection()
            .AddMessagingModels(b => b.UseProvider<StubProvider>(MessagingModel.Both))
            .BuildServiceProvider();
        services.GetRequiredService<ILogBroker>();
        services.GetRequiredService<IExchangeBroker>();

        services.Dispose();
    }

    private static IHost BuildHost(Action<MessagingModelsBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(configure);
        return builder.Build();
    }

    private sealed class UserService(StubProvider provider, ILogBroker log) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await log.CreateTopicAsync("orders", cancellationToken: cancellationToken);
            provider.Events.Add("user started");
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await log.DeleteTopicAsync("orders", cancellationToken);
            provider.Events.Add("user stopped");
        }
    }
}
