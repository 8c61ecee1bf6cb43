using System.Text;

namespace MessagingModels.Formats.Records;

/// <summary>Writes the headers of a record, their count in front.</summary>
internal static class RecordHeadersEncoding
{
    public static int SizeOf(ReadOnlySpan<RecordHeaderData> headers)
    {
        int size = Varint.SizeOf(headers.Length);
        foreach (ref readonly RecordHeaderData header in headers)
        {
            int keyLength = Encoding.UTF8.GetByteCount(header.Key);
            int valueLength = header.Value?.Length ?? -1;
            size += Varint.SizeOf(keyLength) + keyLength + Varint.SizeOf(valueLength) + Math.Max(valueLength, 0);
        }

        return size;
    }

    public static void Write(Span<byte> destination, ReadOnlySpan<RecordHeaderData> headers)
    {
        int at = Varint.Write(destination, headers.Length);
        foreach (ref readonly RecordHeaderData header in headers)
        {
            at += Varint.Write(destination[at..], Encoding.UTF8.GetByteCount(header.Key));
            at += Encoding.UTF8.GetBytes(header.Key, destination[at..]);
            at += Varint.Write(destination[at..], header.Value?.Length ?? -1);
            if (header.Value is not { } value)
                continue;
            value.Span.CopyTo(destination[at..]);
            at += value.Length;
        }
    }
}
