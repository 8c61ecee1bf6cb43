using System.Text;

namespace MessagingModels.Formats.Records;

/// <summary>
/// The headers of one record, in place. Made by <see cref="RecordReader"/>, which has checked every length, so that
/// enumerating cannot fail. A key may occur more than once; order is kept.
/// </summary>
public readonly ref struct RecordHeadersView
{
    private readonly ReadOnlySpan<byte> _encoded;

    internal RecordHeadersView(ReadOnlySpan<byte> encoded, int count)
    {
        _encoded = encoded;
        Count = count;
    }

    /// <summary>Headers there are.</summary>
    public int Count { get; }

    /// <summary>The headers as encoded, their count in front; what <see cref="RecordBatchBuilder"/> takes as raw headers.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>Finds the last header of that name, which is the one Kafka's clients mean by a header's value.</summary>
    public bool TryGetLast(ReadOnlySpan<byte> keyUtf8, out RecordHeaderView header)
    {
        header = default;
        bool found = false;
        foreach (RecordHeaderView each in this)
        {
            if (!each.KeyUtf8.SequenceEqual(keyUtf8))
                continue;
            header = each;
            found = true;
        }

        return found;
    }

    /// <summary>Enumerates the headers in their order.</summary>
    public Enumerator GetEnumerator() => new(_encoded, Count);

    /// <summary>Walks the encoded headers.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _encoded;
        private int _position;
        private int _remaining;

        internal Enumerator(ReadOnlySpan<byte> encoded, int count)
        {
            _encoded = encoded;
            _remaining = count;
            if (count > 0)
                Varint.TryRead(encoded, out _, out _position);
        }

        /// <summary>The header the last <see cref="MoveNext"/> came to.</summary>
        public RecordHeaderView Current { get; private set; }

        /// <summary>Goes to the next header; false where there is none.</summary>
        public bool MoveNext()
        {
            if (_remaining == 0)
                return false;
            _remaining--;
            ReadOnlySpan<byte> key = ReadBytes(out _);
            ReadOnlySpan<byte> value = ReadBytes(out bool hasValue);
            Current = new RecordHeaderView(key, value, hasValue);
            return true;
        }

        private ReadOnlySpan<byte> ReadBytes(out bool isPresent)
        {
            Varint.TryRead(_encoded[_position..], out int length, out int size);
            _position += size;
            isPresent = length >= 0;
            if (!isPresent)
                return default;
            ReadOnlySpan<byte> bytes = _encoded.Slice(_position, length);
            _position += length;
            return bytes;
        }
    }
}

/// <summary>One header of a record, in place.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> keyUtf8, ReadOnlySpan<byte> value, bool hasValue)
    {
        KeyUtf8 = keyUtf8;
        Value = value;
        HasValue = hasValue;
    }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> KeyUtf8 { get; }

    /// <summary>The name as a new string.</summary>
    public string Key => Encoding.UTF8.GetString(KeyUtf8);

    /// <summary>The value; empty where it is null.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>False where the value is null.</summary>
    public bool HasValue { get; }
}
