using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;
using MessagingModels.RabbitMq;

namespace MessagingModels.Comparison.Tests.Targets;

/// <summary>Experiments on real brokers, where there are some to be had.</summary>
public sealed class RealBrokerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public Task Faults_on_a_real_kafka_are_counted_by_id() => CountFaultsAsync(KafkaTarget.Name);

    [Fact]
    public Task Faults_on_a_real_rabbitmq_are_counted_by_id() => CountFaultsAsync(RabbitMqTarget.Name);

    [Fact]
    public async Task A_given_rabbitmq_without_a_management_api_in_sight_loses_no_experiment_that_only_counts()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        await using RabbitMqServer server = await ProvideAsync(
            () => RabbitMqServer.StartAsync(new ProvisioningOptions { UseContainers = false }, limit.Token));
        ComparisonOptions options = new()
        {
            RabbitMq = server.AmqpUri.ToString(),
            Targets = [RabbitMqTarget.Name],
            Quick = true,
            Repeat = 1,
            Experiments = ["data-model", "distribution", "persistence", "consumption", "history"],
        };

        ComparisonReport report = await ComparisonRunner.RunAsync(options, new Lines(output), cancellationToken: limit.Token);

        Assert.All(report.Experiments, static experiment => Assert.Equal(new TargetOutcome(RabbitMqTarget.Name, ExperimentEnd.Complete, ""), Assert.Single(experiment.Outcomes)));
        Assert.True(report.Succeeded);
        Assert.Equal(
            ["Messages live in memory by default, can be made durable, and durable ones survive a restart.", "Mirrored queues keep a copy of each queue on several nodes."],
            report.Claims.Where(static claim => claim.Verdict == Verdict.NotTried).Select(static claim => claim.Claim));
        Assert.DoesNotContain(report.Claims, static claim => claim.Condition.Contains(nameof(RabbitMqOptions), StringComparison.Ordinal));
    }

    [Fact]
    public Task The_leader_of_three_kafka_nodes_dies_under_load_and_nothing_is_lost() => KillLeaderAsync(KafkaTarget.Name);

    [Fact]
    public Task The_leader_of_three_rabbitmq_nodes_dies_under_load_and_nothing_is_lost() => KillLeaderAsync(RabbitMqTarget.Name);

    [Fact]
    public async Task A_search_on_a_given_kafka_finds_a_rate_that_holds_and_leaves_nothing_behind()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using KafkaServer server = await ProvideAsync(() => KafkaServer.StartAsync(new ProvisioningOptions { WorkDirectory = directory.Path }, limit.Token));
        KafkaTarget target = await KafkaTarget.StartAsync(new ComparisonOptions { Kafka = server.BootstrapServers }, directory, limit.Token);

        string? noRate = await SearchAsync(target, limit.Token);
        await using TargetSession lost = await target.OpenAsync(target.Levels[0], limit.Token);
        string topic = await lost.CreateTopicAsync("never-removed", 1, limit.Token);
        await using KafkaLogBroker owner = await KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = server.BootstrapServers }, null, limit.Token);
        Assert.Contains(topic, await owner.ListTopicsAsync(limit.Token));
        await target.DisposeAsync();

        Assert.DoesNotContain(await owner.ListTopicsAsync(limit.Token), IsOfARun);
        Assert.DoesNotContain((await owner.ListGroupsAsync(limit.Token)).Select(static group => group.GroupId), IsOfARun);
        Assert.SkipWhen(noRate is not null, $"{noRate}");
    }

    [Fact]
    public async Task A_search_on_a_given_rabbitmq_finds_a_rate_that_holds_and_leaves_nothing_behind()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using RabbitMqServer server = await ProvideAsync(() => RabbitMqServer.StartAsync(new ProvisioningOptions { WorkDirectory = directory.Path }, limit.Token));
        RabbitMqTarget target = await RabbitMqTarget.StartAsync(
            new ComparisonOptions { RabbitMq = server.AmqpUri.AbsoluteUri, RabbitMqManagement = server.ManagementUri?.AbsoluteUri }, directory, limit.Token);

        string? noRate = await SearchAsync(target, limit.Token);
        await using TargetSession lost = await target.OpenAsync(target.Levels[0], limit.Token);
        string queue = await lost.DeclareQueueAsync("never-removed", limit.Token);
        await lost.DeclareExchangeAsync("never-removed", ExchangeType.Fanout, limit.Token);
        await using RabbitMqExchangeBroker owner = await RabbitMqExchangeBroker.ConnectAsync(
            new RabbitMqOptions { Uri = server.AmqpUri, ManagementUri = server.ManagementUri }, null, limit.Token);
        Assert.Contains(queue, (await owner.ListQueuesAsync(limit.Token)).Select(static listed => listed.Declaration.Name));
        await target.DisposeAsync();

        Assert.DoesNotContain((await owner.ListQueuesAsync(limit.Token)).Select(static listed => listed.Declaration.Name), IsOfARun);
        Assert.DoesNotContain((await owner.ListExchangesAsync(limit.Token)).Select(static listed => listed.Declaration.Name), IsOfARun);
        Assert.SkipWhen(noRate is not null, $"{noRate}");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static bool IsOfARun(string name) => name.StartsWith("mm-", StringComparison.Ordinal);

    /// <returns>Why no rate held, on a machine that is too busy for any; null where one did.</returns>
    private async Task<string?> SearchAsync(IComparisonTarget target, CancellationToken cancellationToken)
    {
        ExperimentContext context = await ContextAsync(new SustainedExperiment(), target, cancellationToken);
        try
        {
            await new SustainedExperiment().RunAsync(context, cancellationToken);
        }
        catch (InvalidOperationException exception) when (exception.Message.StartsWith("No rate was found", StringComparison.Ordinal))
        {
            return exception.Message;
        }

        Measurement found = Assert.Single(context.Outcome.Measurements, static figure => figure.Metric == "sustained rate");
        Assert.True(found.Median > 0);
        Assert.All(context.Outcome.Latencies, static latency => Assert.True(latency.Samples > 0));
        Assert.NotEmpty(context.Outcome.Latencies);
        return null;
    }

    private async Task KillLeaderAsync(string name)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using IComparisonTarget target = await StartAsync(name, directory, limit.Token);
        ExperimentContext context = await ContextAsync(new ClusterExperiment(), target, limit.Token);

        await new ClusterExperiment().RunAsync(context, limit.Token);

        Assert.SkipWhen(context.Outcome.Measurements.Count == 0, string.Join(' ', context.Outcome.Notes));
        Assert.True(Figure("published") > 0);
        Assert.Equal(0, Figure("lost"));
        Assert.True(Figure("three nodes over one") > 0);
        Assert.All(context.Outcome.Measurements.Where(static figure => figure.Metric == "unavailability"), static figure => Assert.InRange(figure.Median, 1, 60_000));
        Assert.Equal(2, context.Outcome.Measurements.Count(static figure => figure.Metric == "broker resident memory"));
        string survives = name == KafkaTarget.Name ? ScalingExperiment.ReplicasTolerate : ScalingExperiment.ClusterStays;
        Finding finding = Assert.Single(context.Outcome.Claims.SelectMany(static claim => claim.Findings), finding => finding.Statement == survives);
        Assert.Equal(FindingOutcome.Confirmed, finding.Outcome);
        Assert.Null(target.FindFailure());

        double Figure(string metric) => Assert.Single(context.Outcome.Measurements, figure => figure.Metric == metric).Median;
    }

    /// <summary>A short run.</summary>
    private async Task<ExperimentContext> ContextAsync(IExperiment experiment, IComparisonTarget target, CancellationToken cancellationToken)
    {
        ComparisonOptions options = new() { Quick = true };
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        return new ExperimentContext(experiment, options, step => output.WriteLine($"{System.Diagnostics.Stopwatch.GetElapsedTime(start)} {step}"))
        {
            Target = target,
            Workload = await Workload.LoadAsync(options, cancellationToken),
            Scale = RunScale.For(options, target.Description.Kind) with { FaultMessages = 30, Warmup = TimeSpan.FromMilliseconds(50), Repeat = 1 },
        };
    }

    private async Task CountFaultsAsync(string name)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using IComparisonTarget target = await StartAsync(name, directory, limit.Token);
        ConsistencyExperiment experiment = new();
        ExperimentContext context = await ContextAsync(experiment, target, limit.Token);

        await experiment.RunAsync(context, limit.Token);

        FaultMatrix matrix = context.Outcome.FaultMatrix!;
        Assert.All(matrix.Rows, row => Assert.Equal(matrix.Faults.Count, row.Cells.Count));
        Assert.All(matrix.Rows.SelectMany(static row => row.Cells), static cell => Assert.True(cell.Sent >= 30, cell.Note));
        Assert.All(matrix.Rows, static row => Assert.Equal((0, 0), (row.Cells[0].Lost, row.Cells[0].Duplicated)));

        // Whoever remembers ids acts once, whatever fails; whoever acknowledges before processing loses what it held when it died.
        Assert.All(matrix.Rows.Where(static row => row.Setting.Contains("remembers", StringComparison.Ordinal)), static row => Assert.All(row.Cells, static cell => Assert.Equal((0, 0), (cell.Lost, cell.Duplicated))));
        Assert.All(matrix.Rows.Where(static row => row.Setting.Contains("before processing", StringComparison.Ordinal)), static row => Assert.Equal(1, row.Cells[2].Lost));

        // An application that sends again makes another message of it, whoever acknowledged the first; only who awaits nothing never does.
        Assert.All(
            matrix.Rows.Where(static row => !row.Setting.Contains("remembers", StringComparison.Ordinal)),
            static row => Assert.Equal(row.Cells[4].Note.Length > 0 ? 0 : 1, row.Cells[4].Duplicated));
        Assert.Null(target.FindFailure());
    }

    private static async Task<T> ProvideAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (BrokerUnavailableException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    private static async Task<IComparisonTarget> StartAsync(string name, WorkDirectory directory, CancellationToken cancellationToken)
    {
        try
        {
            return await TargetCatalog.All.Single(entry => entry.Name == name).StartAsync(new ComparisonOptions(), directory, cancellationToken);
        }
        catch (TargetUnavailableException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    private sealed class Lines(ITestOutputHelper output) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => output.WriteLine($"{value.Target} {value.Experiment} {value.Stage} {value.Detail}");
    }
}
