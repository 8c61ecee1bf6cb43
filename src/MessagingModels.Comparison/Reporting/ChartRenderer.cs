using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;

namespace MessagingModels.Comparison.Reporting;

/// <summary>
/// Draws a chart as inline SVG. ScottPlot draws the marks; text is added as real text elements, so that the report's fonts apply and no font
/// is needed on the machine that writes it. Colours become classes of the style sheet, so that the same drawing serves light, dark and paper.
/// </summary>
internal static partial class ChartRenderer
{
    private const int Width = 620;
    private const int Height = 340;
    private const int Left = 62;
    private const int Right = 16;
    private const int Top = 12;
    private const int Bottom = 52;
    private const float DotSize = 11;

    /// <summary>The shape of each shade, so that colour is not all that tells series apart.</summary>
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp];

    /// <param name="chart">What to draw.</param>
    /// <param name="id">A name that no other chart on the page has.</param>
    /// <param name="systems">Give the colours.</param>
    public static string Render(Chart chart, string id, Systems systems)
    {
        ChartAxes axes = ChartAxes.Of(chart);
        using Plot plot = new();
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Top));
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.SetLimits(axes.X.Minimum, axes.X.Maximum, axes.Y.Minimum, axes.Y.Maximum);
        ConfigureAxis(plot.Axes.Bottom, axes.X);
        ConfigureAxis(plot.Axes.Left, axes.Y);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Left.FrameLineStyle.IsVisible = false;
        plot.Axes.Bottom.FrameLineStyle.Color = ChartPalette.Axis;
        plot.Grid.MajorLineColor = ChartPalette.Grid;
        plot.Grid.XAxisStyle.MajorLineStyle.IsVisible = chart.Kind != ChartKind.Bars;
        if (IsDots(chart))
            AddDots(plot, chart, axes, systems);
        else if (chart.Kind == ChartKind.Bars)
            AddBars(plot, chart, axes, systems);
        else
            AddLines(plot, chart, axes, systems);
        return Finish(plot.GetSvgXml(Width, Height), chart, axes, id);
    }

    /// <summary>The sign of a series in the legend: as it is drawn.</summary>
    public static string RenderKey(Chart chart, int series, Systems systems)
    {
        string colour = ChartPalette.ClassOf(chart, series, systems);
        string mark = (IsDots(chart), chart.Kind) switch
        {
            (true, _) => ChartPalette.ShadeOf(chart, series, systems) switch
            {
                0 => $"<circle class=\"f {colour}\" cx=\"11\" cy=\"5\" r=\"4.5\"/>",
                1 => $"<rect class=\"f {colour}\" x=\"6.5\" y=\".5\" width=\"9\" height=\"9\"/>",
                _ => $"<path class=\"f {colour}\" d=\"M6 9.5L11 .5L16 9.5Z\"/>",
            },
            (_, ChartKind.Bars) => $"<rect class=\"f {colour}\" x=\"4\" width=\"14\" height=\"10\" rx=\"2\"/>",
            _ => $"<path class=\"s {colour}\" d=\"M0 5H22\" fill=\"none\" stroke-width=\"2.5\"/>",
        };
        return $"<svg class=\"key lines\" viewBox=\"0 0 22 10\" aria-hidden=\"true\">{mark}</svg>";
    }

    private static void ConfigureAxis(IAxis axis, ChartAxis description)
    {
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. description.Ticks.Select(static tick => tick.Position)], [.. description.Ticks.Select(static _ => "")]);
        axis.MajorTickStyle.Length = 0;
        axis.MajorTickStyle.Color = ChartPalette.Axis;
        axis.MinorTickStyle.Length = 0;
    }

    private static void AddBars(Plot plot, Chart chart, ChartAxes axes, Systems systems)
    {
        double width = 0.8 / chart.Series.Count;
        for (int s = 0; s < chart.Series.Count; s++)
        {
            Color color = ChartPalette.Of(chart, s, systems);
            foreach (ChartPoint point in chart.Series[s].Points)
            {
                plot.Add.Bar(new Bar
                {
                    Position = point.X - 0.4 + ((s + 0.5) * width),
                    Value = axes.Y.Place(point.Y),
                    ValueBase = axes.Y.Minimum,
                    Size = width * 0.88,
                    FillColor = color,
                    LineWidth = 0,
                });
            }
        }
    }

    /// <summary>A logarithmic axis has no zero for a bar to stand on, so that a bar's length would say nothing.</summary>
    private static bool IsDots(Chart chart) => chart.Kind == ChartKind.Bars && chart.LogarithmicY;

    private static void AddDots(Plot plot, Chart chart, ChartAxes axes, Systems systems)
    {
        double width = 0.8 / chart.Series.Count;
        for (int s = 0; s < chart.Series.Count; s++)
        {
            ChartPoint[] points = Visible(chart, s);
            ScottPlot.Plottables.Markers dots = plot.Add.Markers(
                points.Select(point => point.X - 0.4 + ((s + 0.5) * width)).ToArray(),
                points.Select(point => axes.Y.Place(point.Y)).ToArray(),
                Shapes[ChartPalette.ShadeOf(chart, s, systems)], DotSize);
            dots.Color = ChartPalette.Of(chart, s, systems);
        }
    }

    /// <summary>The points that have a place: nothing that is zero has one on a logarithmic axis.</summary>
    private static ChartPoint[] Visible(Chart chart, int series)
        => [.. chart.Series[series].Points.Where(point => !chart.LogarithmicY || point.Y > 0)];

    private static void AddLines(Plot plot, Chart chart, ChartAxes axes, Systems systems)
    {
        for (int s = 0; s < chart.Series.Count; s++)
        {
            ChartPoint[] points = Visible(chart, s);
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(
                points.Select(point => axes.X.Place(point.X)).ToArray(), points.Select(point => axes.Y.Place(point.Y)).ToArray());
            line.Color = ChartPalette.Of(chart, s, systems);
            line.LineWidth = 2;
            line.MarkerSize = chart.Kind == ChartKind.Percentiles ? 0 : 6;
        }
    }

    private static string Finish(string xml, Chart chart, ChartAxes axes, string id)
    {
        string marks = ClipName().Replace(xml[xml.IndexOf("<svg", StringComparison.Ordinal)..], $"{id}-$1");
        marks = ChartPalette.ToClasses(marks[(marks.IndexOf('>', StringComparison.Ordinal) + 1)..marks.LastIndexOf("</svg>", StringComparison.Ordinal)]);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart {(chart.Kind == ChartKind.Bars ? "bars" : "lines")}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"{id}-title\">");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"{id}-title\">{Escape(chart.Title)}</title>").Append(Blank().Replace(marks, ""));
        foreach (ChartTick tick in axes.X.Ticks)
            AddText(svg, axes.X.Pixel(tick.Position, Left, Width - Right), Height - Bottom + 17, "middle", "tick", tick.Label);
        foreach (ChartTick tick in axes.Y.Ticks)
            AddText(svg, Left - 7, axes.Y.Pixel(tick.Position, Height - Bottom, Top) + 4, "end", "tick", tick.Label);
        AddText(svg, (Left + Width - Right) / 2.0, Height - 14, "middle", "axis", chart.XLabel);
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\">{Escape(chart.YLabel)}</text>");
        return svg.Append("</svg>").ToString();
    }

    private static void AddText(StringBuilder svg, double x, double y, string anchor, string cssClass, string text)
        => svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{cssClass}\" text-anchor=\"{anchor}\" x=\"{x:0.#}\" y=\"{y:0.#}\">{Escape(text)}</text>");

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex("""(cl_[0-9a-f]+)""")]
    private static partial Regex ClipName();

    [GeneratedRegex("""[\r\n\t]+""")]
    private static partial Regex Blank();
}
