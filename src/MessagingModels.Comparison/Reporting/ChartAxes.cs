using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>A labelled place on an axis, in the axis's own units (logarithms where it is logarithmic).</summary>
internal readonly record struct ChartTick(double Position, string Label);

/// <summary>An axis: its range, its ticks, and where a value lies on it.</summary>
internal sealed class ChartAxis(double minimum, double maximum, IReadOnlyList<ChartTick> ticks, Func<double, double> place)
{
    public double Minimum => minimum;

    public double Maximum => maximum;

    public IReadOnlyList<ChartTick> Ticks => ticks;

    /// <summary>A value in the axis's units, brought into its range.</summary>
    public double Place(double value) => Math.Clamp(place(value), minimum, maximum);

    /// <summary>The pixel of a place.</summary>
    public double Pixel(double position, double from, double to) => from + ((position - minimum) / (maximum - minimum) * (to - from));
}

/// <summary>The axes of a chart.</summary>
internal sealed record ChartAxes(ChartAxis X, ChartAxis Y)
{
    public static ChartAxes Of(Chart chart)
    {
        double[] xs = [.. chart.Series.SelectMany(static series => series.Points).Select(static point => point.X)];
        double[] ys = [.. chart.Series.SelectMany(static series => series.Points).Select(static point => point.Y)];
        ChartAxis y = chart.LogarithmicY ? Logarithmic(ys) : Linear(ys);
        return chart.Kind switch
        {
            ChartKind.Percentiles => new ChartAxes(Percentiles(xs), y),
            _ when chart.Categories.Count > 0 => new ChartAxes(Categories(chart), y),
            _ => new ChartAxes(Values(xs), y),
        };
    }

    /// <summary>From zero to a round number above the largest value.</summary>
    internal static ChartAxis Linear(IReadOnlyCollection<double> values)
    {
        double top = values.DefaultIfEmpty().Max() is > 0 and var largest ? largest : 1;
        double step = RoundStep(top / 5);
        int steps = Math.Max(1, (int)Math.Ceiling(top / step - 1e-9));
        ChartTick[] ticks = [.. Enumerable.Range(0, steps + 1).Select(i => new ChartTick(i * step, Figures.Tick(i * step)))];
        return new ChartAxis(0, steps * step, ticks, static value => value);
    }

    /// <summary>Whole decades around the values.</summary>
    internal static ChartAxis Logarithmic(IReadOnlyCollection<double> values)
    {
        double[] positive = [.. values.Where(static value => value > 0)];
        int low = positive.Length == 0 ? 0 : (int)Math.Floor(Math.Log10(positive.Min()));
        int high = positive.Length == 0 ? 1 : Math.Max(low + 1, (int)Math.Ceiling(Math.Log10(positive.Max())));
        ChartTick[] ticks = [.. Enumerable.Range(low, high - low + 1).Select(static decade => new ChartTick(decade, Figures.Tick(Math.Pow(10, decade))))];
        // Room for marks that stand on the first or the last tick.
        double margin = (high - low) * 0.04;
        return new ChartAxis(low - margin, high + margin, ticks, value => value <= 0 ? low : Math.Log10(value));
    }

    /// <summary>Every nine more takes as much room as the one before.</summary>
    internal static ChartAxis Percentiles(IReadOnlyCollection<double> values)
    {
        double top = values.Count == 0 ? 3 : Math.Clamp(Nines(values.Where(static value => value < 100).DefaultIfEmpty(99).Max()), 1, 5);
        ChartTick[] ticks =
        [
            .. new[] { 0, 50, 90, 99, 99.9, 99.99, 99.999 }
                .Where(percentile => Nines(percentile) <= top + 1e-9)
                .Select(static percentile => new ChartTick(Nines(percentile), percentile.ToString("0.###", CultureInfo.InvariantCulture))),
        ];
        return new ChartAxis(0, top, ticks, Nines);
    }

    private static double Nines(double percentile) => percentile >= 100 ? 9 : -Math.Log10(1 - (percentile / 100));

    private static ChartAxis Categories(Chart chart) => new(
        -0.5, chart.Categories.Count - 0.5, [.. chart.Categories.Select(static (name, i) => new ChartTick(i, name))], static value => value);

    /// <summary>A tick at every value that was measured; the values are few.</summary>
    private static ChartAxis Values(double[] values)
    {
        double[] distinct = [.. values.Distinct().Order()];
        double margin = distinct.Length > 1 ? (distinct[^1] - distinct[0]) * 0.04 : 1;
        return new ChartAxis(
            distinct.FirstOrDefault() - margin, distinct.LastOrDefault() + margin,
            [.. distinct.Select(static value => new ChartTick(value, Figures.Tick(value)))], static value => value);
    }

    private static double RoundStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
