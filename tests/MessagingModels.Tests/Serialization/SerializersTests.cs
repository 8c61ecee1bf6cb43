using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;

namespace MessagingModels.Tests.Serialization;

public sealed class SerializersTests
{
    [Fact]
    public void Every_text_comes_back()
        => Gen.String.Where(text => text.All(c => !char.IsSurrogate(c))).Sample(text => RoundTrip(Serializers.Utf8, text) == text);

    [Fact]
    public void Every_number_comes_back()
    {
        Gen.Int.Sample(number => RoundTrip(Serializers.Int32, number) == number);
        Gen.Long.Sample(number => RoundTrip(Serializers.Int64, number) == number);
    }

    [Fact]
    public void Every_id_comes_back()
        => Gen.Guid.Sample(id => RoundTrip(Serializers.Guid, id) == id);

    [Fact]
    public void Bytes_come_back_as_they_were()
        => Gen.Byte.Array.Sample(bytes =>
            RoundTrip(Serializers.Bytes, bytes).AsSpan().SequenceEqual(bytes)
            && RoundTrip<ReadOnlyMemory<byte>>(Serializers.Memory, bytes).Span.SequenceEqual(bytes));

    [Fact]
    public void Numbers_and_ids_have_the_bytes_of_Kafkas_own_serializers()
    {
        Assert.Equal([0x01, 0x02, 0x03, 0x04], Bytes(Serializers.Int32, 0x01020304));
        Assert.Equal([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], Bytes(Serializers.Int64, -2L));
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", Encoding.UTF8.GetString(
            Bytes(Serializers.Guid, Guid.Parse("00112233445566778899AABBCCDDEEFF"))));
    }

    [Fact]
    public void Bytes_of_another_length_are_no_number()
    {
        FormatException error = Assert.Throws<FormatException>(() => Serializers.Int32.Deserialize(new byte[] { 1, 2, 3 }));

        Assert.Equal("The bytes are no Int32: 4 are expected, 3 were found.", error.Message);
        Assert.Throws<FormatException>(() => Serializers.Int64.Deserialize(new byte[4]));
        Assert.Throws<FormatException>(() => Serializers.Guid.Deserialize(Encoding.UTF8.GetBytes(new string('x', 36))));
    }

    [Fact]
    public void Json_is_that_of_the_web_unless_told_otherwise()
    {
        Assert.Equal("""{"item":"tea","count":1}""", Encoding.UTF8.GetString(Bytes(Serializers.Json<Order>(), new Order("tea", 1))));
        Assert.Equal(new Order("tea", 1), Serializers.Json<Order>().Deserialize("""{"Item":"tea","COUNT":1}"""u8.ToArray()));
    }

    [Fact]
    public void Json_follows_the_settings_it_is_given()
    {
        JsonSerializerOptions options = new()
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        };

        Assert.Equal("{\n  \"Item\": \"Käse\",\n  \"Count\": 2\n}", Encoding.UTF8.GetString(Bytes(Serializers.Json<Order>(options), new Order("Käse", 2))));
    }

    [Fact]
    public void Json_by_a_generated_contract_comes_back()
        => Assert.Equal(new Order("tea", 1), RoundTrip(Serializers.Json(OrderJson.Default.Order), new Order("tea", 1)));

    [Fact]
    public void Text_that_is_no_json_is_refused_with_the_type()
    {
        FormatException error = Assert.Throws<FormatException>(() => Serializers.Json<Order>().Deserialize("{"u8.ToArray()));

        Assert.StartsWith("The bytes are no JSON of a Order:", error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Serializers.Json<Order>().Deserialize("null"u8.ToArray()));
    }

    [Fact]
    public void A_value_that_cannot_be_written_leaves_the_serializer_usable()
    {
        ISerializer<Bad> serializer = Serializers.Json<Bad>();

        Assert.Throws<InvalidOperationException>(() => Bytes(serializer, new Bad(true)));

        Assert.Equal("""{"fails":false,"text":"fine"}""", Encoding.UTF8.GetString(Bytes(serializer, new Bad(false))));
    }

    [Fact]
    public void The_default_of_a_type_is_its_own_serializer_else_json()
    {
        Assert.Same(Serializers.Utf8, Serializers.Default<string>());
        Assert.Same(Serializers.Int32, Serializers.Default<int>());
        Assert.Same(Serializers.Int64, Serializers.Default<long>());
        Assert.Same(Serializers.Guid, Serializers.Default<Guid>());
        Assert.Same(Serializers.Memory, Serializers.Default<ReadOnlyMemory<byte>>());
        Assert.Same(Serializers.Bytes, Serializers.Default<byte[]>());
        Assert.Equal("""{"item":"tea","count":1}""", Encoding.UTF8.GetString(Bytes(Serializers.Default<Order>(), new Order("tea", 1))));
    }

    private static byte[] Bytes<T>(ISerializer<T> serializer, T value)
    {
        ArrayBufferWriter<byte> buffer = new();
        serializer.Serialize(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static T RoundTrip<T>(ISerializer<T> serializer, T value) => serializer.Deserialize(Bytes(serializer, value));

    internal sealed record Bad(bool Fails)
    {
        public string Text => Fails ? throw new InvalidOperationException("refused") : "fine";
    }
}

internal sealed record Order(string Item, int Count);

[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;
