using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class FigureTableTests
{
    private static readonly Systems Systems = new(ThreeSystemReport.Create().Conditions);

    [Fact]
    public void Systems_in_the_process_come_first_and_a_system_of_one_model_has_one_column()
    {
        FigureTable table = FigureTable.Of(
            [Figure("kafka", ModelKind.Log), Figure("kafka", null) with { Metric = "time until ready" }, Figure("native", null), Figure("native", ModelKind.Log), Figure("rabbitmq", ModelKind.Exchange)], Systems);

        Assert.Equal(
            [new("native", ModelKind.Log), new("native", null), new("rabbitmq", ModelKind.Exchange), new FigureColumn("kafka", ModelKind.Log)], table.Columns);
    }

    [Fact]
    public void The_same_figure_of_several_systems_is_one_row()
    {
        FigureTable table = FigureTable.Of([Figure("native", ModelKind.Log), Figure("kafka", ModelKind.Log), Figure("kafka", ModelKind.Log) with { Label = "other" }], Systems);

        Assert.Equal([2, 1], table.Rows.Select(static row => row.Cells.Count));
    }

    [Fact]
    public void A_figure_that_was_measured_twice_is_not_lost()
        => Assert.Equal(2, FigureTable.Of([Figure("native", ModelKind.Log), Figure("native", ModelKind.Log)], Systems).Rows.Count);

    [Fact]
    public void What_the_brokers_processes_used_stands_beside_the_rate()
    {
        FigureTable table = FigureTable.Of(
            [Figure("kafka", ModelKind.Log), Figure("kafka", ModelKind.Log) with { Metric = "broker CPU for each message", Unit = "us" }, Figure("kafka", ModelKind.Log) with { Metric = "broker resident memory", Unit = "B" }], Systems);

        FigureRow row = Assert.Single(table.Rows);
        Assert.Equal(["broker CPU for each message", "broker resident memory"], Assert.Single(row.Cells).Value.Beside.Select(static beside => beside.Metric));
    }

    [Fact]
    public void A_reading_stands_beside_the_figure_of_its_label_that_came_last_before_it()
    {
        Measurement filled = Figure("kafka", ModelKind.Log);
        Measurement drained = filled with { Metric = "consumed from the backlog" };
        FigureTable table = FigureTable.Of(
            [
                filled, filled with { Metric = "broker CPU for each message published", Unit = "us" }, filled with { Metric = "last tenth over the first", Unit = "x" },
                drained, filled with { Metric = "broker CPU for each message consumed", Unit = "us" },
            ], Systems);

        Assert.Equal(
            [(filled.Metric, "broker CPU for each message published"), ("last tenth over the first", null), (drained.Metric, "broker CPU for each message consumed")],
            table.Rows.Select(static row => (row.Metric, row.Cells.Single().Value.Beside.SingleOrDefault()?.Metric)));
    }

    [Fact]
    public void A_reading_without_a_figure_of_its_label_is_a_figure_itself()
        => Assert.Equal(2, FigureTable.Of(
            [Figure("kafka", ModelKind.Log) with { Label = "elsewhere" }, Figure("kafka", ModelKind.Log) with { Metric = "broker resident memory" }], Systems).Rows.Count);

    [Fact]
    public void Settings_are_written_once_where_they_are_the_same()
    {
        Measurement small = Figure("kafka", ModelKind.Log) with { Label = "small", Settings = With(("acks", "all"), ("body", "100 B")) };
        Measurement large = small with { Label = "large", Settings = With(("acks", "all"), ("body", "16 KiB")) };
        Measurement other = Figure("native", ModelKind.Log) with { Label = "small", Settings = With(("acks", "1"), ("body", "100 B")) };
        FigureTable table = FigureTable.Of([small, large, other], Systems);
        FigureColumn kafka = new("kafka", ModelKind.Log);

        Assert.Equal(With(("acks", "all")), table.CommonSettings(kafka));
        Assert.Equal(With(("body", "100 B")), table.SettingsOf(table.Rows[0]).Shared);
        Assert.Equal(With(("acks", "1")), Assert.Single(table.SettingsOf(table.Rows[0]).Own).Value);
        Assert.Equal(With(("body", "16 KiB")), table.SettingsOf(table.Rows[1]).Shared);
    }

    private static Dictionary<string, string> With(params (string Name, string Value)[] settings) => settings.ToDictionary(static setting => setting.Name, static setting => setting.Value);

    private static Measurement Figure(string target, ModelKind? model) => RunDifferenceTests.Figure([1, 2]) with { Target = target, Model = model };
}
