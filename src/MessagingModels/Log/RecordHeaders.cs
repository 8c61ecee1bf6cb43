using System.Collections;
using System.Text;

namespace MessagingModels;

/// <summary>A header of a record: a name and bytes.</summary>
/// <param name="Key">The name; it need not be unique in a record.</param>
/// <param name="Value">The bytes, or null.</param>
public readonly record struct RecordHeader(string Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>The value as UTF-8 text, or null.</summary>
    public string? Text => Value is { } value ? Encoding.UTF8.GetString(value.Span) : null;
}

/// <summary>The headers of a record, in order; a name may occur several times. Not safe for concurrent changes.</summary>
public sealed class RecordHeaders : IReadOnlyList<RecordHeader>
{
    /// <summary>No headers. Adding to it throws.</summary>
    public static readonly RecordHeaders Empty = new(isReadOnly: true);

    private readonly List<RecordHeader> _headers;
    private readonly bool _isReadOnly;

    /// <summary>Creates an empty list that headers can be added to.</summary>
    public RecordHeaders()
        : this(isReadOnly: false)
    {
    }

    private RecordHeaders(bool isReadOnly)
    {
        _isReadOnly = isReadOnly;
        _headers = [];
    }

    /// <inheritdoc />
    public int Count => _headers.Count;

    /// <inheritdoc />
    public RecordHeader this[int index] => _headers[index];

    /// <summary>Appends a header.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The bytes, or null.</param>
    /// <exception cref="InvalidOperationException">This is <see cref="Empty"/>.</exception>
    public void Add(string key, ReadOnlyMemory<byte>? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_isReadOnly)
            throw new InvalidOperationException("RecordHeaders.Empty is shared and cannot be added to; create a list with new RecordHeaders().");
        _headers.Add(new RecordHeader(key, value));
    }

    /// <summary>Appends a header whose value is text in UTF-8.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The text.</param>
    /// <exception cref="InvalidOperationException">This is <see cref="Empty"/>.</exception>
    public void Add(string key, string value) => Add(key, Encoding.UTF8.GetBytes(value));

    /// <summary>Finds the last header of a name: the one that counts where a name is repeated (KIP-82).</summary>
    /// <param name="key">The name.</param>
    /// <param name="header">The header found.</param>
    /// <returns>True where there is one.</returns>
    public bool TryGetLast(string key, out RecordHeader header)
    {
        for (int i = _headers.Count - 1; i >= 0; i--)
        {
            if (_headers[i].Key == key)
            {
                header = _headers[i];
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <inheritdoc />
    public IEnumerator<RecordHeader> GetEnumerator() => _headers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
