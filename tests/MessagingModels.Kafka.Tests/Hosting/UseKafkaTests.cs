using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessagingModels.Kafka.Tests.Hosting;

public sealed class UseKafkaTests
{
    [Fact]
    public void Options_come_from_the_section_and_then_from_code()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = "broker:9092",
            ["Kafka:ConnectTimeout"] = "00:00:07",
            ["Kafka:Settings:security.protocol"] = "ssl",
        }).Build();
        using ServiceProvider services = new ServiceCollection()
            .AddMessagingModels(configuration, b => b.UseKafka(o => o.HealthTimeout = TimeSpan.FromSeconds(1)))
            .BuildServiceProvider();
        KafkaOptions options = services.GetRequiredService<IOptions<KafkaOptions>>().Value;

        Assert.Equal("broker:9092", options.BootstrapServers);
        Assert.Equal(TimeSpan.FromSeconds(7), options.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), options.HealthTimeout);
        Assert.Equal("ssl", options.Settings["security.protocol"]);
    }

    [Fact]
    public async Task Host_with_illegal_options_does_not_start()
    {
        using IHost host = Build(o => o.Settings["group.id"] = "billing");

        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(refused.Failures, f => f.StartsWith("BootstrapServers is empty", StringComparison.Ordinal));
        Assert.Contains(refused.Failures, f => f.Contains("group.id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Host_without_a_cluster_does_not_start_and_says_why()
    {
        using IHost host = Build(o =>
        {
            o.BootstrapServers = "127.0.0.1:1";
            o.ConnectTimeout = TimeSpan.FromMilliseconds(300);
        });

        LogException failed = await Assert.ThrowsAsync<LogException>(() => host.StartAsync());
        Assert.Contains("127.0.0.1:1", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_model_has_one_provider()
        => Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddMessagingModels(b => b.UseKafka().UseKafka()));

    private static IHost Build(Action<KafkaOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(b => b.UseKafka(configure));
        return builder.Build();
    }
}
