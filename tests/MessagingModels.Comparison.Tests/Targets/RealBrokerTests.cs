using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
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
        await using RabbitMqServer server = await StartRabbitMqAsync(limit.Token);
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

    private static async Task<RabbitMqServer> StartRabbitMqAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RabbitMqServer.StartAsync(new ProvisioningOptions { UseContainers = false }, cancellationToken);
        }
        catch (BrokerUnavailableException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    private sealed class Lines(ITestOutputHelper output) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => output.WriteLine($"{value.Target} {value.Experiment} {value.Stage} {value.Detail}");
    }

    private async Task CountFaultsAsync(string name)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using IComparisonTarget target = await StartAsync(name, directory, limit.Token);
        ComparisonOptions options = new() { Quick = true };
        ConsistencyExperiment experiment = new();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        ExperimentContext context = new(experiment, options, step => output.WriteLine($"{System.Diagnostics.Stopwatch.GetElapsedTime(start)} {step}"))
        {
            Target = target,
            Workload = await Workload.LoadAsync(options, limit.Token),
            Scale = RunScale.For(options, target.Description.Kind) with { FaultMessages = 30 },
        };

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
}
