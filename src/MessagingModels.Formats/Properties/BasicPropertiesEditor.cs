using System.Buffers;

namespace MessagingModels.Formats.Properties;

/// <summary>Writes encoded properties anew with a part changed; every other property is copied byte for byte.</summary>
public static class BasicPropertiesEditor
{
    /// <summary>Writes the properties with other headers, or without any.</summary>
    /// <param name="encoded">Valid properties, the flags word first, or nothing at all.</param>
    /// <param name="headers">The new headers; null leaves them out.</param>
    /// <param name="destination">Where the properties go.</param>
    /// <param name="withoutExpiration">Whether the expiration is left out, as it is when a message is dead-lettered.</param>
    /// <exception cref="MalformedPropertiesException">The properties break the format.</exception>
    /// <exception cref="InvalidOperationException">The headers are nested too deep.</exception>
    public static void ReplaceHeaders(
        ReadOnlySpan<byte> encoded, FieldTable? headers, IBufferWriter<byte> destination, bool withoutExpiration = false)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var reader = new BasicPropertiesReader(encoded);
        BasicPropertyFlags removed = BasicPropertyFlags.Headers
            | (withoutExpiration ? BasicPropertyFlags.Expiration : BasicPropertyFlags.None);
        BasicPropertyFlags kept = reader.Flags & ~removed;
        BasicPropertyFlags flags = headers is null ? kept : kept | BasicPropertyFlags.Headers;

        var writer = new PropertyWriter();
        try
        {
            writer.WriteUInt16((ushort)flags);
            for (int bit = 15; bit > 1; bit--)
            {
                var property = (BasicPropertyFlags)(1 << bit);
                if (property == BasicPropertyFlags.Headers && headers is not null)
                    writer.WriteTable(headers, 1);
                else if ((kept & property) != 0 && reader.TryGetField(property, out ReadOnlySpan<byte> field))
                    writer.WriteRaw(field);
            }

            destination.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }
}
