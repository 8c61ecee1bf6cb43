using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>How numbers are written in reports: three significant digits, English, the unit after them.</summary>
internal static class Figures
{
    /// <summary>A figure with its unit; rates and counts are shortened with k and M, sizes with KiB to GiB.</summary>
    public static string Format(double value, string unit) => unit switch
    {
        "" => Number(value),
        "B" => Bytes(value),
        "B/s" => $"{Bytes(value)}/s",
        "%" => $"{Plain(value)} %",
        "x" => $"{Plain(value)}x",
        "us" => $"{Number(value)} µs",
        _ => $"{Number(value)} {unit}",
    };

    /// <summary>A figure in a column whose heading has the unit: three significant digits written out, so that digits stand below digits; sizes keep their unit.</summary>
    public static string InColumn(double value, string unit) => unit switch
    {
        "B" or "B/s" => Bytes(value),
        _ when Math.Abs(value) < 999.5 => Plain(value),
        _ => RoundToThreeDigits(value).ToString("#,0", CultureInfo.InvariantCulture),
    };

    /// <summary>A unit in words, for a heading.</summary>
    public static string UnitWords(string unit) => unit switch
    {
        "" => "count",
        "x" => "ratio",
        "B" => "bytes",
        "B/s" => "bytes/s",
        "us" => "µs",
        _ => unit,
    };

    /// <summary>A number, shortened with k and M from ten thousand on.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 999_500_000 => $"{Plain(value / 1e9)} G",
        >= 999_500 => $"{Plain(value / 1e6)} M",
        >= 9_995 => $"{Plain(value / 1e3)} k",
        _ => Plain(value),
    };

    /// <summary>A round number on an axis, without digits that say nothing.</summary>
    public static string Tick(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.####", CultureInfo.InvariantCulture) + " G",
        >= 1e6 => (value / 1e6).ToString("0.####", CultureInfo.InvariantCulture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.####", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("#,0.######", CultureInfo.InvariantCulture),
    };

    /// <summary>A size in bytes with its unit.</summary>
    public static string Bytes(double value) => Math.Abs(value) switch
    {
        >= 1024.0 * 1024 * 1024 => $"{Plain(value / 1024 / 1024 / 1024)} GiB",
        >= 1024 * 1024 => $"{Plain(value / 1024 / 1024)} MiB",
        >= 1024 => $"{Plain(value / 1024)} KiB",
        _ => $"{Plain(value)} B",
    };

    /// <summary>A whole number with separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage.</summary>
    public static string Share(double share) => $"{Plain(share * 100)} %";

    /// <summary>A ratio of two figures, with two digits after the point up to ten.</summary>
    public static string Ratio(double ratio) => ratio < 10 ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : Plain(ratio);

    /// <summary>A time, in the unit that suits it.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds >= 1
        ? $"{Plain(time.TotalSeconds)} s"
        : $"{Plain(time.TotalMilliseconds)} ms";

    private static double RoundToThreeDigits(double value)
    {
        double step = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
        return Math.Round(value / step) * step;
    }

    private static string Plain(double value)
    {
        double magnitude = Math.Abs(value);
        string format = magnitude switch
        {
            _ when value == Math.Truncate(value) && magnitude < 1e15 => "#,0",
            >= 99.95 => "#,0",
            >= 9.995 => "0.0",
            >= 0.9995 => "0.00",
            >= 0.0995 => "0.000",
            _ => "0.####",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
