using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class ReportSummaryTests
{
    [Fact]
    public void Every_row_has_a_cell_for_each_column()
        => Assert.All([.. ReportSummary.Create(SampleReport.Create()), .. ReportSummary.Create(ThreeSystemReport.Create())], static table =>
            Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));

    [Fact]
    public void The_answer_comes_first_and_failures_come_last()
    {
        IReadOnlyList<SummaryTable> tables = ReportSummary.Create(SampleReport.Create());

        Assert.Equal("Which model for which need", tables[0].Title);
        Assert.StartsWith("Experiments that could not", tables[^1].Title, StringComparison.Ordinal);
        Assert.Equal("latency", Assert.Single(tables[^1].Rows)[0]);
    }

    [Fact]
    public void Tables_without_rows_are_left_out()
        => Assert.DoesNotContain(
            ReportSummary.Create(SampleReport.Create() with { FaultMatrix = null, Answers = [] }),
            static table => table.Rows.Count == 0 || table.Title.StartsWith("Faults", StringComparison.Ordinal));

    [Fact]
    public void The_claims_have_a_column_for_each_system()
    {
        SummaryTable claims = ReportSummary.Create(ThreeSystemReport.Create()).Single(static table => table.Title == "The claims");

        Assert.Equal(["Part", "Model", "Claim", "native", "RabbitMQ", "Kafka"], claims.Columns.Select(static column => column.Heading));
        Assert.Equal(["holds", "does not hold", ""], claims.Rows.Single(static row => row[0] == "persistence" && row[1] == "exchange").Skip(3));
    }

    [Fact]
    public void Figures_in_the_process_and_over_a_socket_are_in_separate_tables()
    {
        SummaryTable[] figures = [.. ReportSummary.Create(ThreeSystemReport.Create()).Where(static table => table.Title.StartsWith("Figures", StringComparison.Ordinal))];

        Assert.Equal(2, figures.Length);
        Assert.Contains("in your process", figures[0].Title, StringComparison.Ordinal);
        Assert.Equal(["native exchange", "native log", "native broker"], figures[0].Columns.Skip(3).Select(static column => column.Heading));
        Assert.Contains("over a socket", figures[1].Title, StringComparison.Ordinal);
        Assert.Equal(["RabbitMQ", "Kafka"], figures[1].Columns.Skip(3).Select(static column => column.Heading));
    }

    [Fact]
    public void A_cell_that_failed_is_told_from_one_that_was_not_tried()
    {
        ComparisonReport sample = SampleReport.Create();
        FaultRow row = new(ModelKind.Log, "native", "acks all", [new FaultCell("no fault", 0, 0, 0, "failed: it broke") { HasFailed = true }, new FaultCell("crash", 0, 0, 0, "not tried: no process")]);
        SummaryTable faults = ReportSummary.Create(sample with { FaultMatrix = sample.FaultMatrix! with { Rows = [row] } })
            .Single(static table => table.Title.StartsWith("Faults", StringComparison.Ordinal));

        Assert.Equal(["failed", "not tried"], Assert.Single(faults.Rows).Skip(2));
    }

    [Fact]
    public void A_system_that_could_not_be_had_is_listed_with_the_reason()
        => Assert.Contains(ReportSummary.Create(ThreeSystemReport.Create()), static table => table.Title == "Systems, and ways to them, that could not be had" && table.Rows[0][1].Contains("--kafka", StringComparison.Ordinal));

    [Fact]
    public void What_changed_is_listed_where_the_spreads_do_not_overlap()
    {
        ComparisonReport before = RunDifferenceTests.WithFigures(RunDifferenceTests.Figure([100, 90, 110]));
        ComparisonReport now = RunDifferenceTests.WithFigures(RunDifferenceTests.Figure([200, 190, 210]));
        SummaryTable changes = ReportSummary.Create(SavedRuns.Compare(new SavedRun("old", before, []), now)).Single(static table => table.Title == "What changed against 'old'");

        Assert.Equal(["throughput", "native log", "published, 1 KiB, messages/s", "100 (90 – 110)", "200 (190 – 210)", "2.00", "higher"], Assert.Single(changes.Rows));
    }
}
