using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Comparison.Tests.Reporting;

namespace MessagingModels.Comparison.Tests;

/// <summary>What becomes of a whole run where systems are missing, badly configured or lost on the way.</summary>
public class ComparisonOutcomeTests
{
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public async Task A_target_that_cannot_be_had_fails_the_run_where_it_was_asked_for_or_configured(bool wasAsked, bool wasConfigured, bool succeeds)
    {
        ComparisonOptions options = wasAsked ? new ComparisonOptions { Kafka = "127.0.0.1:1" } : new ComparisonOptions();
        List<ComparisonProgress> news = [];

        ComparisonReport report = await RunAsync(options, news, [FakeTarget.Missing("kafka", "port 9092 is in use", wasConfigured), FakeTarget.Native()], new FakeExperiment("first"));

        UnavailableTarget missing = Assert.Single(report.Conditions.UnavailableTargets);
        Assert.Equal(("kafka", "port 9092 is in use", wasAsked, wasConfigured), (missing.Name, missing.Reason, missing.WasAsked, missing.WasConfigured));
        Assert.Equal(succeeds, report.Succeeded);
        Assert.Equal(["native"], report.Conditions.Targets.Select(static target => target.Name));
        ComparisonProgress told = Assert.Single(news, static progress => progress.Detail == "not available: port 9092 is in use");
        Assert.Equal(succeeds ? ComparisonStage.Finished : ComparisonStage.Failed, told.Stage);
        Assert.Contains("port 9092 is in use", HtmlReport.Create(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_target_that_is_missing_and_one_that_is_lost_on_the_way_the_others_are_measured()
    {
        FakeTarget lost = new("kafka");
        List<string> ran = [];
        FakeExperiment[] experiments = [.. new[] { "first", "second", "third" }.Select(name => new FakeExperiment(name, async (target, stop) =>
        {
            ran.Add($"{name} on {target.Description.Name}");
            if (target == lost && name == "second")
            {
                lost.Lose("node 1 of Kafka died.");
                await Task.Delay(Timeout.Infinite, stop);
            }
        }))];
        List<ComparisonProgress> news = [];

        ComparisonReport report = await RunAsync(new ComparisonOptions(), news, [FakeTarget.Missing("rabbitmq", "there is none"), lost.Entry, FakeTarget.Native()], experiments);

        Assert.Equal(["first on kafka", "second on kafka", "first on native", "second on native", "third on native"], ran);
        Assert.True(lost.IsDisposed);
        Assert.False(report.Succeeded);
        Assert.Equal(["kafka", "native"], report.Conditions.Targets.Select(static target => target.Name));
        Assert.Equal("rabbitmq", Assert.Single(report.Conditions.UnavailableTargets).Name);
        Assert.Equal(["first", "second", "third"], report.Experiments.Select(static experiment => experiment.Name));
        Assert.Equal([null, "kafka: node 1 of Kafka died.", "kafka: Left out: node 1 of Kafka died."], report.Experiments.Select(static experiment => experiment.Error));

        Assert.All(report.Experiments, static experiment => Assert.Equal(ExperimentEnd.Complete, experiment.Outcomes[^1].End));
        Assert.Equal([ExperimentEnd.Complete, ExperimentEnd.Failed, ExperimentEnd.Failed], report.Experiments.Select(static experiment => experiment.Outcomes[0].End));

        // What was measured before the loss is kept, and so is all that the next target gave.
        Assert.Equal(
            [["kafka", "native"], ["kafka", "native"], ["native"]],
            report.Experiments.Select(static experiment => experiment.Measurements.Select(static measurement => measurement.Target).ToArray()));
        Assert.Equal(
            ["second on kafka", "third on kafka"],
            news.Where(static progress => progress.Stage == ComparisonStage.Failed).Select(static progress => $"{progress.Experiment} on {progress.Target}"));
        Assert.All(news, progress => Assert.InRange(progress.Index, 1, progress.Count));
    }

    [Fact]
    public async Task What_a_system_cannot_show_is_left_out_and_not_called_complete()
    {
        FakeTarget kafka = new("kafka");
        FakeExperiment experiment = new("first", (target, _) => target == kafka
            ? throw new NotSupportedException("it needs a list; set RabbitMqOptions.ManagementUri to RabbitMQ's management API") : Task.CompletedTask);

        ComparisonReport report = await RunAsync(new ComparisonOptions(), [], [kafka.Entry, FakeTarget.Native()], experiment);

        const string Why = "it needs a list; set --rabbitmq-management to RabbitMQ's management API";
        ExperimentReport found = Assert.Single(report.Experiments);
        Assert.Equal([new TargetOutcome("kafka", ExperimentEnd.LeftOut, Why), new TargetOutcome("native", ExperimentEnd.Complete, "")], found.Outcomes);
        Assert.Contains($"On kafka this, or the rest of it, was left out: {Why}", found.Notes);
        Assert.True(report.Succeeded);
        string html = HtmlReport.Create(report);
        Assert.Contains("<span>Kafka: left out</span>\n <small>it needs a list", html, StringComparison.Ordinal);
        Assert.Contains("<span>native: complete</span>", html, StringComparison.Ordinal);
        Assert.Equal(["first", "Kafka", Why], Assert.Single(ReportSummary.Create(report).Single(static table => table.Title.StartsWith("Left out", StringComparison.Ordinal)).Rows));
        Assert.Empty(JsonReportTests.LoadSchema().Validate(await JsonReportTests.WriteAsync(report)));
    }

    [Fact]
    public async Task What_a_quick_run_has_no_time_for_is_left_out_too()
    {
        ComparisonReport report = await RunAsync(new ComparisonOptions { Quick = true }, [], [FakeTarget.Native()], new FakeExperiment("long") { IsLong = true }, new FakeExperiment("short"));

        Assert.Equal([ExperimentEnd.LeftOut, ExperimentEnd.Complete], report.Experiments.Select(static experiment => experiment.Outcomes.Single().End));
        Assert.True(report.Succeeded);
    }

    [Fact]
    public async Task A_docker_engine_that_cannot_pull_is_told_and_fails_the_run_though_the_next_way_worked()
    {
        const string Reason = "a container: the Docker engine could not start apache/kafka:4.3.1: no such host";
        FakeTarget kafka = new("kafka");
        FakeTarget local = new("kafka") { Description = kafka.Description with { Origin = $"one local process; before it was tried in vain {Reason}", FailedBefore = Reason } };
        List<ComparisonProgress> news = [];

        ComparisonReport report = await RunAsync(new ComparisonOptions(), news, [local.Entry], new FakeExperiment("first"));

        Assert.False(report.Succeeded);
        Assert.Null(Assert.Single(report.Experiments).Error);
        Assert.Equal("kafka", Assert.Single(news, static progress => progress.Stage == ComparisonStage.Failed && progress.Detail.Contains(Reason, StringComparison.Ordinal)).Target);
        Assert.Contains(Reason, Assert.Single(ReportSummary.Create(report).Single(static table => table.Title.StartsWith("Systems, and ways", StringComparison.Ordinal)).Rows)[1], StringComparison.Ordinal);
        Assert.Contains(Reason, HtmlReport.Create(report), StringComparison.Ordinal);
        Assert.Empty(JsonReportTests.LoadSchema().Validate(await JsonReportTests.WriteAsync(report)));
    }

    private static Task<ComparisonReport> RunAsync(
        ComparisonOptions options, List<ComparisonProgress> news, IReadOnlyList<TargetEntry> targets, params IReadOnlyList<IExperiment> experiments)
        => ComparisonRunner.RunAsync(options, targets, experiments, new SynchronousProgress(news), checkpoint: null, TestContext.Current.CancellationToken);
}

/// <summary>Keeps the news in their order, on the thread that tells them.</summary>
internal sealed class SynchronousProgress(List<ComparisonProgress> news) : IProgress<ComparisonProgress>
{
    public void Report(ComparisonProgress value) => news.Add(value);
}
