using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagingModels.Formats.Properties;

/// <summary>
/// Writes properties and tables in one pass into a rented array, where lengths can be set after what they count.
/// </summary>
internal ref struct PropertyWriter
{
    private const int InitialSizeInBytes = 512;

    private byte[] _buffer;
    private int _position;

    public PropertyWriter()
    {
        _buffer = ArrayPool<byte>.Shared.Rent(InitialSizeInBytes);
        _position = 0;
    }

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _position);

    /// <summary>Gives the array back; the writer is not used after it.</summary>
    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    public void WriteByte(byte value) => Reserve(sizeof(byte))[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(sizeof(long)), value);

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void WriteShortString(string text, string what)
    {
        int size = Encoding.UTF8.GetByteCount(text);
        if (size > byte.MaxValue)
            throw new ArgumentException($"The {what} has {size} bytes; a short string allows {byte.MaxValue}.");
        WriteByte((byte)size);
        Encoding.UTF8.GetBytes(text, Reserve(size));
    }

    public void WriteTable(FieldTable table, int depth)
    {
        CheckDepth(depth);
        int lengthPosition = BeginLength();
        for (int i = 0; i < table.Count; i++)
        {
            WriteShortString(table[i].Name, "field name");
            WriteValue(table[i].Value, depth);
        }

        EndLength(lengthPosition);
    }

    private void WriteValue(FieldValue value, int depth)
    {
        WriteByte((byte)value.Kind);
        switch (value.Kind)
        {
            case FieldKind.Void:
                break;
            case FieldKind.Boolean or FieldKind.Int8 or FieldKind.UInt8:
                WriteByte((byte)value.Bits);
                break;
            case FieldKind.Int16 or FieldKind.UInt16:
                WriteUInt16((ushort)value.Bits);
                break;
            case FieldKind.Int32 or FieldKind.UInt32 or FieldKind.Single:
                WriteInt32((int)value.Bits);
                break;
            case FieldKind.Decimal:
                WriteByte((byte)(value.Bits >> 32));
                WriteInt32((int)value.Bits);
                break;
            case FieldKind.LongString or FieldKind.Bytes when value.TryGetBytes(out ReadOnlyMemory<byte> bytes):
                WriteInt32(bytes.Length);
                WriteRaw(bytes.Span);
                break;
            case FieldKind.Table when value.TryGetTable(out FieldTable? table):
                WriteTable(table, depth + 1);
                break;
            case FieldKind.Array when value.TryGetArray(out ReadOnlyMemory<FieldValue> values):
                WriteArray(values.Span, depth + 1);
                break;
            default:
                WriteInt64(value.Bits);
                break;
        }
    }

    private void WriteArray(ReadOnlySpan<FieldValue> values, int depth)
    {
        CheckDepth(depth);
        int lengthPosition = BeginLength();
        foreach (ref readonly FieldValue value in values)
            WriteValue(value, depth);
        EndLength(lengthPosition);
    }

    private int BeginLength()
    {
        Reserve(sizeof(int));
        return _position - sizeof(int);
    }

    private readonly void EndLength(int lengthPosition) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(lengthPosition), _position - lengthPosition - sizeof(int));

    private Span<byte> Reserve(int size)
    {
        if (size > _buffer.Length - _position)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_position + size), 2 * _buffer.Length));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _position += size;
        return _buffer.AsSpan(_position - size, size);
    }

    private static void CheckDepth(int depth)
    {
        if (depth > FieldTable.MaxNestingDepth)
            throw new InvalidOperationException($"Field tables are nested deeper than {FieldTable.MaxNestingDepth}.");
    }
}
