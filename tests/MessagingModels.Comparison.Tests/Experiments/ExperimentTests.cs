using System.Text.Json;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Tests.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

/// <summary>Every experiment, in small: it runs to its end, judges what it has to judge, and its report is valid.</summary>
public class ExperimentTests
{
    private static readonly RunScale Tiny = new()
    {
        Warmup = TimeSpan.FromMilliseconds(20),
        Window = TimeSpan.FromMilliseconds(20),
        Repeat = 1,
        LatencyWindow = TimeSpan.FromMilliseconds(60),
        BacklogMessages = 2_000,
        FaultMessages = 20,
        ClaimMessages = 1_000,
        Starts = 1,
        IsFull = false,
        ExperimentTimeout = TimeSpan.FromSeconds(60),
    };

    [Theory]
    [InlineData("data-model", Verdict.Holds, Verdict.Holds)]
    [InlineData("persistence", Verdict.Holds, Verdict.HoldsIf)]
    [InlineData("consumption", Verdict.Holds, Verdict.Holds)]
    [InlineData("consistency", Verdict.HoldsIf, Verdict.HoldsIf)]
    public async Task A_claim_that_does_not_depend_on_speed_gets_its_verdict(string name, Verdict exchange, Verdict log)
    {
        ComparisonReport report = await RunAsync(name);

        Assert.Equal(exchange, Assert.Single(report.Claims, static claim => claim.Model == ModelKind.Exchange).Verdict);
        Assert.Equal(log, Assert.Single(report.Claims, static claim => claim.Model == ModelKind.Log).Verdict);
    }

    [Theory]
    [InlineData("distribution")]
    [InlineData("scaling")]
    public async Task A_claim_about_speed_is_judged_for_both_models(string name)
    {
        ComparisonReport report = await RunAsync(name);

        Assert.Equal([ModelKind.Exchange, ModelKind.Log], report.Claims.Select(static claim => claim.Model).Order());
        Assert.NotEmpty(report.Experiments[0].Charts);
    }

    [Theory]
    [InlineData("throughput")]
    [InlineData("latency")]
    [InlineData("fanout")]
    [InlineData("backlog")]
    [InlineData("startup")]
    [InlineData("memory")]
    public async Task A_part_of_the_profile_has_figures_with_their_settings(string name)
    {
        ComparisonReport report = await RunAsync(name);

        ExperimentReport experiment = Assert.Single(report.Experiments);
        Assert.NotEmpty(experiment.Charts);
        Assert.True(experiment.Measurements.Count + experiment.Latencies.Count > 0);
        Assert.All(experiment.Measurements, static measurement => Assert.NotEmpty(measurement.Settings));
        Assert.All(experiment.Latencies, static latency => Assert.Contains("durability", latency.Settings.Keys));
        Assert.All(experiment.Latencies, static latency => Assert.True(latency.Samples > 0));
    }

    [Fact]
    public async Task The_fault_matrix_tells_safe_settings_from_unsafe_ones()
    {
        FaultMatrix matrix = (await RunAsync("consistency")).FaultMatrix!;

        Assert.All(matrix.Rows, static row => Assert.Equal((0, 0), (row.Cells[0].Lost, row.Cells[0].Duplicated)));
        Assert.All(
            matrix.Rows.Where(static row => row.Setting.Contains("remembers ids", StringComparison.Ordinal)),
            static row => Assert.All(row.Cells, static cell => Assert.Equal((0, 0), (cell.Lost, cell.Duplicated))));
        Assert.Contains(
            matrix.Rows, static row => row.Setting.Contains("automatic acknowledgement", StringComparison.Ordinal) && row.Cells.Any(static cell => cell.Lost > 0));
        FaultRow transactions = matrix.Rows.Single(static row => row.Setting.Contains("in one transaction", StringComparison.Ordinal));
        Assert.Equal(["publish response lost, application sends again"], transactions.Cells.Where(static cell => cell.Lost + cell.Duplicated > 0).Select(static cell => cell.Fault));
    }

    private static async Task<ComparisonReport> RunAsync(string name)
    {
        ComparisonReport report = await ComparisonRunner.RunAsync(
            new ComparisonOptions { Experiments = [name] }, Tiny, null, TestContext.Current.CancellationToken);

        Assert.Null(report.Experiments[0].Error);
        JsonElement json = await JsonReportTests.WriteAsync(report);
        Assert.Empty(JsonReportTests.LoadSchema().Validate(json));
        Assert.Contains(report.Experiments[0].Title, HtmlReport.Create(report), StringComparison.Ordinal);
        return report;
    }
}
