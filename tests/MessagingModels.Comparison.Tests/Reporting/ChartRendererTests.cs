using System.Xml.Linq;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class ChartRendererTests
{
    private static readonly Systems Systems = new(SampleReport.Create().Conditions);

    public static TheoryData<ChartKind, bool> Charts { get; } = new()
    {
        { ChartKind.Bars, false }, { ChartKind.Bars, true }, { ChartKind.Lines, false }, { ChartKind.Percentiles, true },
    };

    [Theory]
    [MemberData(nameof(Charts))]
    public void A_chart_is_well_formed_and_has_colours_from_the_style_sheet_only(ChartKind kind, bool isLogarithmic)
    {
        string svg = ChartRenderer.Render(SampleReport.Chart(kind, isLogarithmic), "id", Systems);

        XElement root = XElement.Parse(svg);
        string[] colours = [.. root.DescendantsAndSelf().Attributes()
            .Where(static attribute => attribute.Name.LocalName is "fill" or "stroke").Select(static attribute => attribute.Value).Distinct()];
        Assert.All(colours, static colour => Assert.Equal("none", colour));
        Assert.Contains("c-exchange-0", svg, StringComparison.Ordinal);
        Assert.Contains("c-exchange-1", svg, StringComparison.Ordinal);
        Assert.Contains("c-log-0", svg, StringComparison.Ordinal);
        Assert.Contains("c-both-0", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Axes_and_ticks_are_text()
    {
        string[] texts = [.. XElement.Parse(ChartRenderer.Render(SampleReport.Chart(), "id", Systems)).Elements()
            .Where(static element => element.Name.LocalName == "text").Select(static element => element.Value)];

        Assert.Contains("messages/s", texts);
        Assert.Contains("size", texts);
        Assert.Contains("1 KiB", texts);
    }

    [Fact]
    public void Two_charts_share_no_ids()
    {
        string[] ids = [.. new[] { "one", "two" }.SelectMany(static id => XElement.Parse(ChartRenderer.Render(SampleReport.Chart(), id, Systems)).DescendantsAndSelf())
            .Attributes("id").Select(static attribute => attribute.Value)];

        Assert.Equal(ids.Distinct().Count(), ids.Length);
    }

    [Fact]
    public void A_chart_without_points_can_be_drawn()
        => Assert.StartsWith("<svg", ChartRenderer.Render(SampleReport.Chart() with { Series = [new ChartSeries("empty", null, [])] }, "id", Systems), StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { 7.0 }, 8)]
    [InlineData(new[] { 95.0, 3 }, 100)]
    [InlineData(new[] { 0.0 }, 1)]
    [InlineData(new[] { 1_234_567.0 }, 1_500_000)]
    public void A_linear_axis_runs_from_zero_to_a_round_number(double[] values, double top)
    {
        ChartAxis axis = ChartAxes.Linear(values);

        Assert.Equal(0, axis.Minimum);
        Assert.Equal(top, axis.Maximum, 9);
        Assert.InRange(axis.Ticks.Count, 2, 8);
    }

    [Fact]
    public void A_logarithmic_axis_spans_whole_decades()
    {
        ChartAxis axis = ChartAxes.Logarithmic([0.02, 350]);

        Assert.Equal([-2, -1, 0, 1, 2, 3], axis.Ticks.Select(static tick => tick.Position));
        Assert.InRange(axis.Minimum, -2.5, -2.01);
        Assert.InRange(axis.Maximum, 3.01, 3.5);
    }

    [Theory]
    [InlineData("Memory", "c-both-0")]
    [InlineData("PageCache", "c-both-1")]
    [InlineData("Fsync", "c-both-2")]
    public void A_durability_has_its_shade_even_where_it_stands_alone(string durability, string colour)
    {
        Chart chart = SampleReport.Chart() with { Series = [new ChartSeries($"one, {durability}", null, [new ChartPoint(0, 5)])] };

        Assert.Contains(colour, ChartRenderer.Render(chart, "id", Systems), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_zero_is_not_drawn_on_a_logarithmic_axis()
    {
        Chart chart = SampleReport.Chart(ChartKind.Bars, isLogarithmic: true) with { Series = [new ChartSeries("one", null, [new ChartPoint(0, 0), new ChartPoint(1, 5)])] };

        Assert.Single(Dots(chart));
        Assert.Equal(2, Dots(chart with { Series = [new ChartSeries("one", null, [new ChartPoint(0, 1), new ChartPoint(1, 5)])] }).Count());

        static IEnumerable<XElement> Dots(Chart chart) => XElement.Parse(ChartRenderer.Render(chart, "id", Systems)).Descendants()
            .Where(static element => element.Name.LocalName is "circle" or "ellipse" or "path" && element.Attribute("class")?.Value.Contains("f c-both", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Each_nine_takes_the_same_room_on_a_percentile_axis()
    {
        ChartAxis axis = ChartAxes.Percentiles([0, 50, 99.9]);

        Assert.Equal(["0", "50", "90", "99", "99.9"], axis.Ticks.Select(static tick => tick.Label));
        Assert.Equal(1, axis.Place(90), 6);
        Assert.Equal(2, axis.Place(99), 6);
    }
}
