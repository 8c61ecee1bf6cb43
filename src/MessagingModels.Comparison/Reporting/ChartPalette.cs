using System.Globalization;
using System.Text.RegularExpressions;
using ScottPlot;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The colours of charts: placeholders while drawing, classes of the style sheet (<c>c-exchange-0</c>, <c>c-log-2</c>, <c>c-grid</c>) in the report.</summary>
internal static partial class ChartPalette
{
    private const int Shades = 3;

    public static Color Axis => Placeholder(0);

    public static Color Grid => Placeholder(1);

    /// <summary>The colour of a series: its model gives the hue, its place among the series of that model the shade.</summary>
    public static Color Of(Chart chart, int series) => Placeholder(Code(chart, series));

    /// <summary>The class that gives a series its colour.</summary>
    public static string ClassOf(Chart chart, int series) => NameOf(Code(chart, series));

    /// <summary>The place of a series among those of its model.</summary>
    public static int Shade(Chart chart, int series)
    {
        int shade = 0;
        for (int i = 0; i < series; i++)
            shade += chart.Series[i].Model == chart.Series[series].Model ? 1 : 0;
        return shade % Shades;
    }

    /// <summary>Replaces placeholders by classes.</summary>
    public static string ToClasses(string svg) => PlaceholderAttribute().Replace(svg, static match =>
        $"class=\"{(match.Groups[1].Value == "fill" ? "f" : "s")} {NameOf(int.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))}\"");

    private static int Code(Chart chart, int series) => 2 + Shade(chart, series) + chart.Series[series].Model switch
    {
        ModelKind.Exchange => 0,
        ModelKind.Log => Shades,
        _ => 2 * Shades,
    };

    private static string NameOf(int code) => code switch
    {
        0 => "c-axis",
        1 => "c-grid",
        _ => $"c-{((code - 2) / Shades) switch { 0 => "exchange", 1 => "log", _ => "both" }}-{(code - 2) % Shades}",
    };

    private static Color Placeholder(int code) => new((byte)0xFE, (byte)0xDC, (byte)code);

    [GeneratedRegex("""(?<![\w-])(fill|stroke)="#FEDC([0-9A-Fa-f]{2})"(?: \1-opacity="[0-9.]+")?""", RegexOptions.IgnoreCase)]
    private static partial Regex PlaceholderAttribute();
}
