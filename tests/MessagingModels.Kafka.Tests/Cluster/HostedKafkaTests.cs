using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>A host on a real cluster: health and traces.</summary>
public sealed class HostedKafkaTests(RealKafka kafka)
{
    private const string SourceName = "MessagingModels";

    [Fact]
    public async Task Host_runs_on_the_cluster_and_reports_health()
    {
        KafkaOptions reached = await kafka.OptionsAsync();
        using IHost host = Build(reached);
        await host.StartAsync(TestContext.Current.CancellationToken);
        ILogBroker broker = host.Services.GetRequiredService<ILogBroker>();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        await using (ILogProducer producer = broker.CreateProducer())
            Assert.Equal(0, (await producer.ProduceAsync(topic, "k", "v")).Offset.Value);

        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Refused_credentials_fail_at_once_with_the_brokers_words()
    {
        KafkaOptions options = await kafka.OptionsAsync();
        options.ConnectTimeout = TimeSpan.FromMinutes(2);
        options.Settings["security.protocol"] = "sasl_plaintext";
        options.Settings["sasl.mechanism"] = "PLAIN";
        options.Settings["sasl.username"] = "alice";
        options.Settings["sasl.password"] = "tea";

        LogException refused = await Assert.ThrowsAsync<LogException>(
            () => KafkaLogBroker.ConnectAsync(options).WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(LogErrorCode.SaslAuthenticationFailed, refused.ErrorCode);
        Assert.Contains("refused the connection", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Trace_context_travels_in_the_headers_and_spans_say_kafka()
    {
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("traced");
        await broker.CreateTopicAsync(topic);
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, "k", "v");
        await using ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition(topic, 0)]);
        LogRecord record = Assert.Single(await RealKafka.ReadAsync(consumer, 1));

        Activity sent;
        lock (spans)
            sent = Assert.Single(spans, s => Equals(s.GetTagItem("messaging.destination.name"), topic) && Equals(s.GetTagItem("messaging.system"), "kafka"));
        Assert.True(record.Headers.TryGetLast("traceparent", out RecordHeader header));
        Assert.Equal(sent.Id, header.Text);
    }

    private static IHost Build(KafkaOptions reached)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(b => b.UseKafka(o => o.BootstrapServers = reached.BootstrapServers));
        builder.Services.AddHealthChecks().AddMessagingModels();
        return builder.Build();
    }
}
