using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class HostingTests(RealRabbitMq rabbit)
{
    [Fact]
    public async Task A_host_hands_out_the_broker_and_its_health()
    {
        RabbitMqOptions given = await rabbit.OptionsAsync();
        using IHost host = await StartAsync(given);
        IExchangeBroker broker = host.Services.GetRequiredService<IExchangeBroker>();
        Assert.True(broker.Capabilities.Supports(ExchangeFeature.Policies));
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            HealthStatus.Unhealthy,
            (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task A_trace_goes_with_the_message()
    {
        ConcurrentBag<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == MessagingDiagnostics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        RabbitMqOptions options = await rabbit.OptionsAsync();
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        string queue = (await broker.DeclareQueueAsync(new QueueDeclaration(RealRabbitMq.NewName()) { Exclusive = true })).Name;
        await broker.BindQueueAsync(queue, "amq.topic", queue + ".*");
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        using (Activity request = new Activity("request").Start())
        {
            await channel.PublishAsync("amq.topic", queue + ".placed", "x");
            Delivery delivery = (await channel.GetAsync(queue, autoAck: true))!.Value;
            using Activity? processing = MessagingDiagnostics.StartProcessing(delivery, queue);
            Activity publish = Assert.Single(ended, span => span.TraceId == request.TraceId && span.OperationName.StartsWith("publish", StringComparison.Ordinal));
            Assert.Equal("rabbitmq", publish.GetTagItem("messaging.system"));
            Assert.Equal(options.Uri.Host, publish.GetTagItem("server.address"));
            Assert.Equal(options.Uri.Port, publish.GetTagItem("server.port"));
            Assert.Equal($"amq.topic:{queue}.placed", publish.GetTagItem("messaging.destination.name"));
            Assert.Equal(publish.SpanId, processing!.ParentSpanId);
            Assert.Equal($"amq.topic:{queue}.placed:{queue}", processing.GetTagItem("messaging.destination.name"));
        }
    }

    private static async Task<IHost> StartAsync(RabbitMqOptions given)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddMessagingModels(models => models.UseRabbitMq(options =>
        {
            options.Uri = given.Uri;
            options.ManagementUri = given.ManagementUri;
        }));
        builder.Services.AddHealthChecks().AddMessagingModels();
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
