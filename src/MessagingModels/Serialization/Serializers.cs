using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MessagingModels;

/// <summary>The built-in serializers. Numbers and ids have the same bytes as with Kafka's own: big-endian, a <see cref="Guid"/> as text.</summary>
public static class Serializers
{
    /// <summary>Text in UTF-8.</summary>
    public static ISerializer<string> Utf8 { get; } = new Utf8Serializer();

    /// <summary>Four bytes, big-endian.</summary>
    public static ISerializer<int> Int32 { get; } = new Int32Serializer();

    /// <summary>Eight bytes, big-endian.</summary>
    public static ISerializer<long> Int64 { get; } = new Int64Serializer();

    /// <summary>36 characters, lower case with hyphens.</summary>
    public static ISerializer<Guid> Guid { get; } = new GuidSerializer();

    /// <summary>The bytes as they are; those that are read share the record's memory.</summary>
    public static ISerializer<ReadOnlyMemory<byte>> Memory { get; } = new MemorySerializer();

    /// <summary>The bytes as they are; those that are read are a copy.</summary>
    public static ISerializer<byte[]> Bytes { get; } = new BytesSerializer();

    /// <summary>JSON by a source-generated contract.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="typeInfo">The contract.</param>
    /// <returns>The serializer.</returns>
    public static ISerializer<T> Json<T>(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return new JsonSerializer<T>(typeInfo);
    }

    /// <summary>JSON by reflection.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="options">Settings, or null for those of the web: camel case, case-insensitive.</param>
    /// <returns>The serializer.</returns>
    public static ISerializer<T> Json<T>(JsonSerializerOptions? options = null)
        => new JsonSerializer<T>((JsonTypeInfo<T>)(options ?? JsonSerializerOptions.Web).GetTypeInfo(typeof(T)));

    /// <summary>The built-in serializer of a type: text, numbers, ids and bytes as above, all else as JSON.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <returns>The serializer; the same one every time.</returns>
    public static ISerializer<T> Default<T>() => DefaultOf<T>.Instance;

    private static class DefaultOf<T>
    {
        public static readonly ISerializer<T> Instance =
            (Utf8 as ISerializer<T>) ?? (Int32 as ISerializer<T>) ?? (Int64 as ISerializer<T>) ?? (Guid as ISerializer<T>)
            ?? (Memory as ISerializer<T>) ?? (Bytes as ISerializer<T>) ?? Json<T>();
    }

    private sealed class Utf8Serializer : ISerializer<string>
    {
        public void Serialize(string value, IBufferWriter<byte> destination) => Encoding.UTF8.GetBytes(value, destination);

        public string Deserialize(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);
    }

    private sealed class Int32Serializer : ISerializer<int>
    {
        public void Serialize(int value, IBufferWriter<byte> destination)
        {
            BinaryPrimitives.WriteInt32BigEndian(destination.GetSpan(sizeof(int)), value);
            destination.Advance(sizeof(int));
        }

        public int Deserialize(ReadOnlyMemory<byte> data)
            => data.Length == sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(data.Span) : throw WrongLength("Int32", sizeof(int), data.Length);
    }

    private sealed class Int64Serializer : ISerializer<long>
    {
        public void Serialize(long value, IBufferWriter<byte> destination)
        {
            BinaryPrimitives.WriteInt64BigEndian(destination.GetSpan(sizeof(long)), value);
            destination.Advance(sizeof(long));
        }

        public long Deserialize(ReadOnlyMemory<byte> data)
            => data.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(data.Span) : throw WrongLength("Int64", sizeof(long), data.Length);
    }

    private sealed class GuidSerializer : ISerializer<Guid>
    {
        private const int Length = 36;

        public void Serialize(Guid value, IBufferWriter<byte> destination)
        {
            value.TryFormat(destination.GetSpan(Length), out int written, "D");
            destination.Advance(written);
        }

        public Guid Deserialize(ReadOnlyMemory<byte> data)
        {
            if (data.Length != Length)
                throw WrongLength("Guid", Length, data.Length);
            return System.Guid.TryParseExact(Encoding.UTF8.GetString(data.Span), "D", out Guid value)
                ? value
                : throw new FormatException("The bytes are no Guid: 32 hexadecimal digits with hyphens are expected.");
        }
    }

    private sealed class MemorySerializer : ISerializer<ReadOnlyMemory<byte>>
    {
        public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> destination) => destination.Write(value.Span);

        public ReadOnlyMemory<byte> Deserialize(ReadOnlyMemory<byte> data) => data;
    }

    private sealed class BytesSerializer : ISerializer<byte[]>
    {
        public void Serialize(byte[] value, IBufferWriter<byte> destination) => destination.Write(value);

        public byte[] Deserialize(ReadOnlyMemory<byte> data) => data.ToArray();
    }

    private static FormatException WrongLength(string type, int expected, int found)
        => new($"The bytes are no {type}: {expected} are expected, {found} were found.");
}
