using MessagingModels.RabbitMq.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessagingModels.RabbitMq.Tests.Hosting;

public sealed class RegistrationTests
{
    [Fact]
    public void Options_come_from_the_section_and_then_from_code()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RabbitMq:Uri"] = "amqps://alice:secret@rabbit1/shop",
            ["RabbitMq:Endpoints:0"] = "rabbit2",
            ["RabbitMq:Heartbeat"] = "00:00:10",
            ["RabbitMq:Tls:ServerName"] = "rabbit",
        }).Build();
        using ServiceProvider services = new ServiceCollection()
            .AddMessagingModels(configuration, builder => builder.UseRabbitMq(options => options.ConnectionName = "shop"))
            .BuildServiceProvider();
        RabbitMqOptions options = services.GetRequiredService<IOptions<RabbitMqOptions>>().Value;
        Assert.Equal("amqps://alice:secret@rabbit1/shop", options.Uri.ToString());
        Assert.Equal(["rabbit2"], options.Endpoints);
        Assert.Equal(TimeSpan.FromSeconds(10), options.Heartbeat);
        Assert.Equal("rabbit", options.Tls.ServerName);
        Assert.Equal("shop", options.ConnectionName);
    }

    [Fact]
    public async Task An_unknown_setting_fails_the_start()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["RabbitMq:Hostname"] = "rabbit" }).Build();
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(services => services.AddMessagingModels(configuration, b => b.UseRabbitMq())));
        Assert.Contains("Hostname", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_illegal_option_fails_the_start()
    {
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            services => services.AddMessagingModels(builder => builder.UseRabbitMq(options => options.RecoveryInterval = TimeSpan.Zero))));
        Assert.Contains("RecoveryInterval", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_fails_the_start()
        => await Assert.ThrowsAsync<ConnectionException>(() => StartAsync(services => services.AddMessagingModels(
            builder => builder.UseRabbitMq(options => options.Uri = new Uri("amqp://127.0.0.1:1")))));

    [Fact]
    public void The_exchange_model_has_one_provider()
        => Assert.Throws<InvalidOperationException>(
            () => new ServiceCollection().AddMessagingModels(builder => builder.UseRabbitMq().UseRabbitMq()));

    [Fact]
    public async Task A_provider_that_was_not_started_is_unhealthy_and_can_be_disposed()
    {
        RabbitMqProvider provider = new(Options.Create(new RabbitMqOptions()));
        Assert.Equal(
            Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy,
            (await provider.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
        await provider.DisposeAsync();
    }

    private static async Task StartAsync(Action<IServiceCollection> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Services);
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
    }
}
