using System.Collections;
using System.Globalization;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>Compares and prints header values without regard to how wide a number was written.</summary>
internal static class HeaderValue
{
    public static bool AreEqual(object? left, object? right)
    {
        if (left is null || right is null)
            return left is null && right is null;
        if (TryGetInteger(left, out long leftNumber) && TryGetInteger(right, out long rightNumber))
            return leftNumber == rightNumber;
        if (TryGetReal(left, out double leftReal) && TryGetReal(right, out double rightReal))
            return leftReal.Equals(rightReal);
        return (left, right) switch
        {
            (string a, string b) => a == b,
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
            (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) => AreEqualTables(a, b),
            (IList a, IList b) => AreEqualLists(a, b),
            _ => left.Equals(right),
        };
    }

    public static bool TryGetInteger(object? value, out long number)
    {
        (bool isNumber, number) = value switch
        {
            int n => (true, n),
            long n => (true, n),
            short n => (true, n),
            ushort n => (true, n),
            uint n => (true, n),
            byte n => (true, n),
            sbyte n => (true, (long)n),
            _ => (false, 0L),
        };
        return isNumber;
    }

    /// <summary>A value as the text to hash; text itself is not copied.</summary>
    public static string ToText(object? value) => value switch
    {
        null => "",
        string text => text,
        byte[] bytes => Convert.ToHexString(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static bool TryGetReal(object value, out double real)
    {
        if (TryGetInteger(value, out long number))
        {
            real = number;
            return true;
        }

        (bool isReal, real) = value switch
        {
            double n => (true, n),
            float n => (true, n),
            decimal n => (true, (double)n),
            _ => (false, 0d),
        };
        return isReal;
    }

    private static bool AreEqualTables(IReadOnlyDictionary<string, object?> left, IReadOnlyDictionary<string, object?> right)
    {
        if (left.Count != right.Count)
            return false;
        foreach ((string name, object? value) in left)
        {
            if (!right.TryGetValue(name, out object? other) || !AreEqual(value, other))
                return false;
        }

        return true;
    }

    private static bool AreEqualLists(IList left, IList right)
    {
        if (left.Count != right.Count)
            return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (!AreEqual(left[i], right[i]))
                return false;
        }

        return true;
    }
}
