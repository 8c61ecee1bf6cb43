using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MessagingModels;

/// <summary>JSON by a contract. One writer is kept between messages, since making one costs more than writing a small message.</summary>
internal sealed class JsonSerializer<T>(JsonTypeInfo<T> typeInfo) : ISerializer<T>
{
    // The writer's own settings win over the contract's, so they are taken from there.
    private readonly JsonWriterOptions _writerOptions = new()
    {
        Encoder = typeInfo.Options.Encoder,
        Indented = typeInfo.Options.WriteIndented,
        MaxDepth = typeInfo.Options.MaxDepth,
        SkipValidation = true,
    };

    private Utf8JsonWriter? _idleWriter;

    public void Serialize(T value, IBufferWriter<byte> destination)
    {
        Utf8JsonWriter writer = Interlocked.Exchange(ref _idleWriter, null) ?? new Utf8JsonWriter(Stream.Null, _writerOptions);
        writer.Reset(destination);
        try
        {
            JsonSerializer.Serialize(writer, value, typeInfo);
            writer.Flush();
        }
        finally
        {
            writer.Reset(Stream.Null);
            Volatile.Write(ref _idleWriter, writer);
        }
    }

    public T Deserialize(ReadOnlyMemory<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data.Span, typeInfo)
                ?? throw new FormatException($"The JSON is null where a {typeof(T).Name} is expected.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The bytes are no JSON of a {typeof(T).Name}: {exception.Message}", exception);
        }
    }
}
