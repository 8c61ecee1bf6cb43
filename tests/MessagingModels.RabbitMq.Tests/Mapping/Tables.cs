using CsCheck;
using Any = CsCheck.Gen;

namespace MessagingModels.RabbitMq.Tests.Mapping;

/// <summary>Generated headers of every type that the API lists. Nested lists and tables are not empty: RabbitMQ.Client reads an empty one as null.</summary>
internal static class Tables
{
    private static readonly Gen<DateTimeOffset> s_time = Any.Long[-62_135_596_800, 253_402_300_799].Select(DateTimeOffset.FromUnixTimeSeconds);

    private static readonly Gen<decimal> s_decimal = Any.Select(
        Any.Int[0, int.MaxValue], Any.Bool, Any.Int[0, 28], (digits, isNegative, scale) => new decimal(digits, 0, 0, isNegative, (byte)scale));

    private static readonly Gen<string> s_text = Any.String[Any.Char.AlphaNumeric, 0, 20].Select(text => text + "é✓");

    private static readonly Gen<object?> s_scalar = Any.OneOf(
        Any.Bool.Select(_ => (object?)null), Any.Bool.Select(v => (object?)v), Any.SByte.Select(v => (object?)v), Any.Byte.Select(v => (object?)v),
        Any.Short.Select(v => (object?)v), Any.UShort.Select(v => (object?)v), Any.Int.Select(v => (object?)v), Any.UInt.Select(v => (object?)v),
        Any.Long.Select(v => (object?)v), Any.Float.Select(v => (object?)v), Any.Double.Select(v => (object?)v),
        s_decimal.Select(v => (object?)v), s_text.Select(v => (object?)v), Any.Byte.Array[0, 20].Select(v => (object?)v),
        s_time.Select(v => (object?)v));

    private static readonly Gen<object?> s_value = Any.Frequency(
        (8, s_scalar),
        (1, s_scalar.List[1, 4].Select(list => (object?)list.ToList())),
        (1, Any.Dictionary(s_text, s_scalar)[1, 4].Select(table => (object?)table)));

    public static Gen<Dictionary<string, object?>> Gen { get; } = Any.Dictionary(s_text, s_value)[0, 8];

    public static bool AreEqual(object? one, object? other) => (one, other) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) => a.Count == b.Count
            && a.All(field => b.TryGetValue(field.Key, out object? value) && AreEqual(field.Value, value)),
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (null, null) => true,
        _ => one is not null && one.Equals(other) && one.GetType() == other!.GetType(),
    };
}
