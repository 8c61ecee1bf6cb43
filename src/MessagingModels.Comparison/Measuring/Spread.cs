using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// A figure with how far it went up and down between its repeats. Something follows from it only where that is clear of what decides by all of the
/// spread: a few repeats do not tell where between them the figure lies.
/// </summary>
internal sealed class Spread
{
    private readonly bool _isKnown;

    private Spread(IReadOnlyList<double> values, bool isKnown)
    {
        Values = values;
        _isKnown = isKnown;
    }

    /// <summary>The values; of a ratio, every repeat of the one side over every repeat of the other.</summary>
    public IReadOnlyList<double> Values { get; }

    public double Median => Statistics.Median(Values);

    public double Lowest => Values.Min();

    public double Highest => Values.Max();

    /// <summary>True for a ratio that can be told: false where some repeat that it is taken over is 0, such as a window in which nothing got through.</summary>
    public bool IsFinite => Values.All(double.IsFinite);

    private bool IsCount => _isKnown && Values.Count == 1;

    /// <summary>The spread of repeats, at least one. One alone has none that is known: it decides nothing.</summary>
    public static Spread Of(IReadOnlyList<double> repeats) => new(repeats, repeats.Count > 1);

    /// <summary>A number that was counted and is no estimate: it decides as it is.</summary>
    public static Spread Counted(double value) => new([value], isKnown: true);

    /// <summary>The ratio to another figure, with the spreads of both: its lowest is the lowest here over the highest there.</summary>
    /// <remarks>A count of 0 is one that any other is above; a repeat of 0 says that something stood still, and decides nothing.</remarks>
    public Spread Over(Spread other) => new(
        [.. Values.SelectMany(value => other.Values.Select(under => value / under))],
        _isKnown && other._isKnown && (other.IsCount || !other.Values.Contains(0)));

    /// <summary>True where all of it is above a threshold, false where all of it is below, null where the spread does not decide it.</summary>
    public bool? IsAbove(double threshold)
    {
        if (_isKnown && Values.All(value => value > threshold))
            return true;
        return _isKnown && Values.All(value => value < threshold) ? false : null;
    }

    /// <summary>The median with its unit, and the spread.</summary>
    public string Format(string unit) => !IsFinite
        ? "an unknown number of times (some window had nothing in it)"
        : $"{Figures.Format(Median, unit)} ({(Values.Count > 1 ? $"{Figures.Number(Lowest)} to {Figures.Number(Highest)}" : "one value")})";
}
