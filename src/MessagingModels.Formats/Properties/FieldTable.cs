using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MessagingModels.Formats.Properties;

/// <summary>A named value of a field table.</summary>
/// <param name="Name">The name, at most 255 bytes of UTF-8.</param>
/// <param name="Value">The value.</param>
public readonly record struct Field(string Name, FieldValue Value);

/// <summary>
/// A field table: named values in the order in which they were sent. A name that occurs twice is kept twice and found by its
/// first, as RabbitMQ does. Not thread-safe while it changes.
/// </summary>
/// <remarks>Source: AMQP 0-9-1 specification, 4.2.5.5.</remarks>
public sealed class FieldTable : IReadOnlyList<Field>, IEquatable<FieldTable>
{
    /// <summary>How deep tables and arrays may be nested; deeper input is refused.</summary>
    public const int MaxNestingDepth = 32;

    /// <summary>The most bytes of UTF-8 that a name may have.</summary>
    public const int MaxNameSizeInBytes = byte.MaxValue;

    private readonly List<Field> _fields;

    /// <summary>An empty table.</summary>
    public FieldTable() => _fields = [];

    /// <summary>A copy of a table; nested tables are shared.</summary>
    public FieldTable(FieldTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _fields = [.. other._fields];
    }

    /// <summary>How many fields there are.</summary>
    public int Count => _fields.Count;

    /// <summary>The field at a place.</summary>
    public Field this[int index] => _fields[index];

    /// <summary>
    /// The value of the first field of that name. Setting replaces it where it stands, or appends it.
    /// </summary>
    /// <exception cref="KeyNotFoundException">Read, and there is no such field.</exception>
    /// <exception cref="ArgumentException">Set, and the name is too long.</exception>
    public FieldValue this[string name]
    {
        get => TryGetValue(name, out FieldValue value) ? value : throw new KeyNotFoundException($"The table has no field '{name}'.");
        set
        {
            int index = IndexOf(name);
            if (index >= 0)
                _fields[index] = new Field(name, value);
            else
                Add(name, value);
        }
    }

    /// <summary>
    /// Reads a table from its content, without the length in front of it. A name that is no UTF-8 has U+FFFD in place of the
    /// wrong bytes.
    /// </summary>
    /// <exception cref="MalformedPropertiesException">The content breaks the format or is nested too deep.</exception>
    public static FieldTable Decode(ReadOnlySpan<byte> content) => FieldTableDecoder.DecodeTable(content, 0, 1);

    /// <summary>Writes the table with its length in front.</summary>
    /// <exception cref="InvalidOperationException">Tables are nested deeper than <see cref="MaxNestingDepth"/>.</exception>
    public void Encode(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var writer = new PropertyWriter();
        try
        {
            writer.WriteTable(this, 1);
            destination.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Appends a field.</summary>
    /// <exception cref="ArgumentException">The name has more than 255 bytes of UTF-8.</exception>
    public void Add(string name, FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        int size = Encoding.UTF8.GetByteCount(name);
        if (size > MaxNameSizeInBytes)
            throw new ArgumentException($"A field name of {size} bytes is too long; a table allows {MaxNameSizeInBytes}.", nameof(name));
        _fields.Add(new Field(name, value));
    }

    /// <summary>Finds the first field of that name.</summary>
    public bool TryGetValue(string name, out FieldValue value)
    {
        int index = IndexOf(name);
        value = index >= 0 ? _fields[index].Value : default;
        return index >= 0;
    }

    /// <summary>Whether there is a field of that name.</summary>
    public bool ContainsName(string name) => IndexOf(name) >= 0;

    /// <summary>Removes all fields of that name; false where there is none.</summary>
    public bool Remove(string name) => _fields.RemoveAll(field => field.Name == name) > 0;

    /// <inheritdoc />
    public IEnumerator<Field> GetEnumerator() => _fields.GetEnumerator();

    /// <summary>Whether the other table has the same fields in the same order.</summary>
    public bool Equals([NotNullWhen(true)] FieldTable? other) => other is not null && _fields.SequenceEqual(other._fields);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FieldTable);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (Field field in _fields)
            hash.Add(field);
        return hash.ToHashCode();
    }

    /// <summary>The table for people to read.</summary>
    public override string ToString() => $"{{{string.Join(", ", _fields.Select(field => $"{field.Name}: {field.Value}"))}}}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes a field over from the wire, where the name's length has been checked.</summary>
    internal void AddDecoded(string name, FieldValue value) => _fields.Add(new Field(name, value));

    private int IndexOf(string name)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].Name == name)
                return i;
        }

        return -1;
    }
}
