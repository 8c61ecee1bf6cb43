using System.Globalization;
using System.Text.RegularExpressions;
using MessagingModels.Storage;
using ScottPlot;

namespace MessagingModels.Comparison.Reporting;

/// <summary>
/// The colours of charts: placeholders while drawing, classes of the style sheet (<c>c-exchange-0</c>, <c>c-kafka-2</c>, <c>c-grid</c>) in the report.
/// A system has its hue on the whole page.
/// </summary>
internal static partial class ChartPalette
{
    private const int Shades = 3;

    private static readonly string[] Hues = ["exchange", "log", "rabbitmq", "kafka", "both"];

    public static Color Axis => Placeholder(0);

    public static Color Grid => Placeholder(1);

    /// <summary>The colour of a series: its system gives the hue, its ending the shade.</summary>
    public static Color Of(Chart chart, int series, Systems systems) => Placeholder(Code(chart, series, systems));

    /// <summary>The class that gives a series its colour.</summary>
    public static string ClassOf(Chart chart, int series, Systems systems) => NameOf(Code(chart, series, systems));

    /// <summary>Replaces placeholders by classes.</summary>
    public static string ToClasses(string svg) => PlaceholderAttribute().Replace(svg, static match =>
        $"class=\"{(match.Groups[1].Value == "fill" ? "f" : "s")} {NameOf(int.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))}\"");

    /// <summary>The shade of a series. Series whose names end alike ("…, PageCache") have the same one in every hue, where every name has one
    /// of few endings; a durability has the same one in every chart.</summary>
    public static int ShadeOf(Chart chart, int series, Systems systems)
    {
        List<string> endings = [.. chart.Series.Select(EndingOf).Distinct()];
        bool isUnique = !endings.Contains("") && chart.Series.DistinctBy(one => (HueOf(one, systems), EndingOf(one))).Count() == chart.Series.Count;
        string hue = HueOf(chart.Series[series], systems);
        if (isUnique && endings.All(static ending => Enum.TryParse(ending[2..], out Durability _)))
            return (int)Enum.Parse<Durability>(EndingOf(chart.Series[series])[2..]) % Shades;
        return endings.Count <= Shades && isUnique
            ? endings.IndexOf(EndingOf(chart.Series[series]))
            : chart.Series.Take(series).Count(other => HueOf(other, systems) == hue) % Shades;
    }

    private static int Code(Chart chart, int series, Systems systems)
        => 2 + (Array.IndexOf(Hues, HueOf(chart.Series[series], systems)) * Shades) + ShadeOf(chart, series, systems);

    /// <summary>What comes after the system and the model in a series' name; nothing where there is no more.</summary>
    private static string EndingOf(ChartSeries series)
        => series.Name.IndexOf(", ", StringComparison.Ordinal) is >= 0 and int comma ? series.Name[comma..] : "";

    private static string HueOf(ChartSeries series, Systems systems) => systems.ColourOf(series.Target, series.Model);

    private static string NameOf(int code) => code switch
    {
        0 => "c-axis",
        1 => "c-grid",
        _ => $"c-{Hues[(code - 2) / Shades]}-{(code - 2) % Shades}",
    };

    private static Color Placeholder(int code) => new((byte)0xFE, (byte)0xDC, (byte)code);

    [GeneratedRegex("""(?<![\w-])(fill|stroke)="#FEDC([0-9A-Fa-f]{2})"(?: \1-opacity="[0-9.]+")?""", RegexOptions.IgnoreCase)]
    private static partial Regex PlaceholderAttribute();
}
