using System.Globalization;

namespace MessagingModels;

/// <summary>The place of a record in a partition: 0 for the first record ever appended, growing by one a record, never reused.</summary>
/// <param name="Value">The number; negative values have no place in a log.</param>
public readonly record struct Offset(long Value) : IComparable<Offset>
{
    /// <summary>The first offset a partition ever has.</summary>
    public static readonly Offset Zero;

    /// <summary>The offset after this one.</summary>
    public Offset Next => new(Value + 1);

    /// <summary>The offset as a number.</summary>
    /// <param name="offset">The offset.</param>
    public static implicit operator long(Offset offset) => offset.Value;

    /// <summary>A number as an offset.</summary>
    /// <param name="value">The number.</param>
    public static explicit operator Offset(long value) => new(value);

    /// <summary>The offset as a number.</summary>
    /// <returns>The number.</returns>
    public long ToInt64() => Value;

    /// <summary>A number as an offset.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The offset.</returns>
    public static Offset FromInt64(long value) => new(value);

    /// <inheritdoc />
    public int CompareTo(Offset other) => Value.CompareTo(other.Value);

    /// <summary>True where <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    /// <param name="left">One offset.</param>
    /// <param name="right">Another offset.</param>
    public static bool operator <(Offset left, Offset right) => left.Value < right.Value;

    /// <summary>True where <paramref name="left"/> lies after <paramref name="right"/>.</summary>
    /// <param name="left">One offset.</param>
    /// <param name="right">Another offset.</param>
    public static bool operator >(Offset left, Offset right) => left.Value > right.Value;

    /// <summary>True where <paramref name="left"/> does not lie after <paramref name="right"/>.</summary>
    /// <param name="left">One offset.</param>
    /// <param name="right">Another offset.</param>
    public static bool operator <=(Offset left, Offset right) => left.Value <= right.Value;

    /// <summary>True where <paramref name="left"/> does not lie before <paramref name="right"/>.</summary>
    /// <param name="left">One offset.</param>
    /// <param name="right">Another offset.</param>
    public static bool operator >=(Offset left, Offset right) => left.Value >= right.Value;

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
