using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class ReportSummaryTests
{
    [Fact]
    public void Every_row_has_a_cell_for_each_column()
        => Assert.All(ReportSummary.Create(SampleReport.Create()), static table =>
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
}
