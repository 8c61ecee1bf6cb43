using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MessagingModels.Broker.Tests.Hosting;

public sealed class EmbeddedHostTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mm-host-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Both_models_are_at_hand_in_a_running_host()
    {
        using IHost host = await StartAsync(_ => { });
        ILogBroker log = host.Services.GetRequiredService<ILogBroker>();
        IExchangeBroker exchanges = host.Services.GetRequiredService<IExchangeBroker>();

        await log.CreateTopicAsync("orders");
        await exchanges.DeclareExchangeAsync("events", ExchangeType.Topic);
        await exchanges.BindTopicAsync("orders", "events", "order.#");
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync();
        await channel.PublishAsync("events", "order.placed", "1 tea");

        Assert.Equal(1, (await log.GetOffsetsAsync(new TopicPartition("orders", 0))).HighWatermark.Value);
        Assert.Equal("/", exchanges.VirtualHost);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task What_a_host_stored_its_successor_finds()
    {
        using (IHost host = await StartAsync(options => options.DataDirectory = _directory))
        {
            await host.Services.GetRequiredService<ILogBroker>().CreateTopicAsync("orders", 2);
            await host.Services.GetRequiredService<IExchangeBroker>().DeclareQueueAsync("audit");
            await host.StopAsync();
        }

        using IHost successor = await StartAsync(options => options.DataDirectory = _directory);
        Assert.Equal(["orders"], await successor.Services.GetRequiredService<ILogBroker>().ListTopicsAsync());
        Assert.Equal("audit", Assert.Single(await successor.Services.GetRequiredService<IExchangeBroker>().ListQueuesAsync()).Declaration.Name);
        await successor.StopAsync();
    }

    [Fact]
    public async Task A_directory_that_another_broker_has_open_fails_the_start()
    {
        await using EmbeddedBroker other = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory });

        await Assert.ThrowsAsync<Storage.DataDirectoryInUseException>(() => StartAsync(options => options.DataDirectory = _directory));
    }

    [Fact]
    public async Task An_exchange_type_among_the_services_can_be_declared()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(b => b.UseEmbedded().AddExchangeType<ToAll>());
        using IHost host = builder.Build();
        await host.StartAsync();
        IExchangeBroker exchanges = host.Services.GetRequiredService<IExchangeBroker>();

        await exchanges.DeclareExchangeAsync("events", "x-to-all");
        await exchanges.DeclareQueueAsync("audit");
        await exchanges.BindQueueAsync("audit", "events");
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync();
        await channel.PublishAsync("events", "whatever", "body");

        Assert.Equal("body", (await channel.GetAsync("audit", autoAck: true))!.Value.Text);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_corrupt_partition_makes_the_host_unhealthy_and_leaves_the_others_usable()
    {
        await using (EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory }))
        {
            await broker.Log.CreateTopicAsync("orders", 2);
            await using ILogProducer producer = broker.Log.CreateProducer();
            for (int i = 0; i < 3; i++)
                await producer.ProduceAsync(new ProducerRecord("orders", "key", "value") { Partition = 1 });
        }

        DamageFirstBatch(Directory.EnumerateDirectories(_directory, "orders-1", SearchOption.AllDirectories).Single());
        using IHost host = await StartAsync(options => options.DataDirectory = _directory);
        HealthReportEntry health = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.StartsWith("The partition orders-1 cannot be used: ", health.Description, StringComparison.Ordinal);
        await using ILogProducer survivor = host.Services.GetRequiredService<ILogBroker>().CreateProducer();
        await survivor.ProduceAsync(new ProducerRecord("orders", "key", "value") { Partition = 0 });
        await host.StopAsync();
    }

    [Theory]
    [InlineData("/", "The queue audit cannot be used: ")]
    [InlineData("shop", "The queue audit of the virtual host shop cannot be used: ")]
    public async Task A_corrupt_queue_of_any_virtual_host_makes_the_host_unhealthy(string virtualHost, string description)
    {
        await using (EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory }))
        {
            await using IExchangeBroker exchanges = await broker.OpenVirtualHostAsync(virtualHost);
            await exchanges.DeclareQueueAsync("audit");
            await using IExchangeChannel channel = await exchanges.OpenChannelAsync();
            for (int i = 0; i < 3; i++)
                await channel.PublishAsync("", "audit", "body", MessageProperties.PersistentOnly);
        }

        DamageFirstBatch(Directory.EnumerateDirectories(_directory, "messages-0", SearchOption.AllDirectories).Single());
        using IHost host = await StartAsync(options => options.DataDirectory = _directory);
        HealthReportEntry health = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.StartsWith(description, health.Description, StringComparison.Ordinal);
        await host.StopAsync();
    }

    private static async Task<IHost> StartAsync(Action<EmbeddedBrokerOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(b => b.UseEmbedded(configure));
        builder.Services.AddLogging();
        builder.Services.AddHealthChecks().AddMessagingModels();
        IHost host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host)
        => (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["messaging"];

    /// <summary>Changes a byte of the records, and takes away what would let recovery skip them.</summary>
    private static void DamageFirstBatch(string partition)
    {
        const int BatchHeaderBytes = 61;
        foreach (string file in Directory.EnumerateFiles(partition).Where(file => !file.EndsWith(".log", StringComparison.Ordinal)))
            File.Delete(file);
        using FileStream log = File.Open(Directory.EnumerateFiles(partition, "*.log").Single(), FileMode.Open);
        log.Position = BatchHeaderBytes + 3;
        int value = log.ReadByte();
        log.Position = BatchHeaderBytes + 3;
        log.WriteByte((byte)(value ^ 0xff));
    }

    private sealed class ToAll : IExchangeType
    {
        public string Name => "x-to-all";

        public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

        private sealed class Router : IExchangeRouter
        {
            private readonly List<Binding> _bindings = [];

            public void Add(Binding binding) => _bindings.Add(binding);

            public void Remove(Binding binding) => _bindings.Remove(binding);

            public void Route(in RoutedMessage message, RouteMatches matches)
            {
                foreach (Binding binding in _bindings)
                    matches.Add(binding);
            }
        }
    }
}
