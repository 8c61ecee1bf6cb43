using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// An argument's value as JSON that loses nothing: text, truth values, null and 64-bit integers as themselves; every other type, whose width a
/// re-declaration may be compared by, as <c>{"amqp": "..."}</c> with AMQP's own bytes in base64.
/// </summary>
[JsonConverter(typeof(ArgumentValueConverter))]
internal readonly record struct ArgumentValue(object? Value)
{
    public static Dictionary<string, ArgumentValue> Of(IReadOnlyDictionary<string, object?> arguments)
        => arguments.ToDictionary(argument => argument.Key, argument => new ArgumentValue(argument.Value), StringComparer.Ordinal);

    public static Dictionary<string, object?> ToDictionary(Dictionary<string, ArgumentValue>? arguments)
        => arguments?.ToDictionary(argument => argument.Key, argument => argument.Value.Value, StringComparer.Ordinal)
            ?? new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>The arguments as one text, the same for the same arguments in any order.</summary>
    public static string TextOf(IReadOnlyDictionary<string, object?> arguments)
    {
        if (arguments.Count == 0)
            return "";
        FieldTable table = FieldTableConversion.ToTable(arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal));
        ArrayBufferWriter<byte> writer = new();
        table.Encode(writer);
        return Convert.ToBase64String(writer.WrittenSpan);
    }
}

internal sealed class ArgumentValueConverter : JsonConverter<ArgumentValue>
{
    private const string EncodedProperty = "amqp";

    /// <summary>The name under which a single value is put into a table, as only tables can be encoded.</summary>
    private const string FieldName = "";

    public override bool HandleNull => true;

    public override ArgumentValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return new ArgumentValue(null);
            case JsonTokenType.String:
                return new ArgumentValue(reader.GetString());
            case JsonTokenType.True or JsonTokenType.False:
                return new ArgumentValue(reader.GetBoolean());
            case JsonTokenType.Number:
                return new ArgumentValue(reader.GetInt64());
            default:
                if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(EncodedProperty) || !reader.Read())
                    throw new JsonException($"An argument is an object without the property '{EncodedProperty}'.");
                FieldTable table = FieldTable.Decode(reader.GetBytesFromBase64());
                reader.Read();
                return new ArgumentValue(FieldTableConversion.ToObject(table[FieldName]));
        }
    }

    public override void Write(Utf8JsonWriter writer, ArgumentValue value, JsonSerializerOptions options)
    {
        switch (value.Value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            default:
                const int LengthPrefixBytes = 4;
                ArrayBufferWriter<byte> encoded = new();
                FieldTableConversion.ToTable([new(FieldName, value.Value)]).Encode(encoded);
                writer.WriteStartObject();
                writer.WriteBase64String(EncodedProperty, encoded.WrittenSpan[LengthPrefixBytes..]);
                writer.WriteEndObject();
                break;
        }
    }
}
