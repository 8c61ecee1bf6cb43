using System.Buffers;
using CsCheck;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Formats.Tests.Properties;

public sealed class BasicPropertiesTests
{
    private static readonly BasicProperties All = new()
    {
        ContentType = "application/json",
        ContentEncoding = "gzip",
        Headers = new FieldTable { { "h", FieldValue.From("v") } },
        DeliveryMode = 2,
        Priority = 9,
        CorrelationId = "corr",
        ReplyTo = "reply",
        Expiration = "60000",
        MessageId = "id-1",
        Timestamp = new AmqpTimestamp(1_700_000_000),
        Type = "type",
        UserId = "guest",
        AppId = "app",
        ClusterId = "cluster",
    };

    private static readonly BasicProperties Some = new() { ContentType = "text/plain", DeliveryMode = 1, MessageId = "id-2" };

    [Fact]
    public void Properties_are_read_as_rabbitmq_wrote_them()
    {
        Assert.Equal(All, BasicProperties.Decode(GoldenFile.Read("all-properties.bin")));
        Assert.Equal(Some, BasicProperties.Decode(GoldenFile.Read("some-properties.bin")));
    }

    [Fact]
    public void Properties_are_written_as_rabbitmq_writes_them()
    {
        Assert.Equal(GoldenFile.Read("all-properties.bin"), Encode(All));
        Assert.Equal(GoldenFile.Read("some-properties.bin"), Encode(Some));
    }

    [Fact]
    public void Any_set_of_properties_comes_back() => GenProperties.Sample(properties =>
        BasicProperties.Decode(Encode(properties)) == properties);

    [Fact]
    public void Single_properties_are_found_without_decoding_the_others() => GenProperties.Sample(properties =>
    {
        byte[] encoded = Encode(properties);
        var reader = new BasicPropertiesReader(encoded);
        Assert.Equal(properties.DeliveryMode, reader.TryGetDeliveryMode(out byte mode) ? mode : null);
        Assert.Equal(properties.Priority, reader.TryGetPriority(out byte priority) ? priority : null);
        Assert.Equal(properties.Expiration, reader.TryGetExpirationText(out ReadOnlySpan<byte> text) ? Text(text) : null);
        Assert.Equal(properties.Timestamp, reader.TryGetTimestamp(out AmqpTimestamp timestamp) ? timestamp : null);
        Assert.Equal(properties.ReplyTo, reader.TryGetShortString(BasicPropertyFlags.ReplyTo, out text) ? Text(text) : null);
        Assert.Equal(properties.ClusterId, reader.TryGetShortString(BasicPropertyFlags.ClusterId, out text) ? Text(text) : null);
        Assert.Equal(properties.Headers is not null, reader.TryGetHeaders(out _));
        Assert.Equal(properties.Headers?.ContainsName("b") ?? false, reader.TryGetHeader("b"u8, out FieldValueView header));
        if (properties.Headers?.TryGetValue("b", out FieldValue expected) == true)
            Assert.Equal(expected, header.Decode());
    });

    [Fact]
    public void Nothing_at_all_stands_for_no_properties()
    {
        Assert.Equal(new BasicProperties(), BasicProperties.Decode([]));
        Assert.Equal(new BasicProperties(), BasicProperties.Decode([0, 0]));
        Assert.False(new BasicPropertiesReader([]).TryGetDeliveryMode(out _));
    }

    [Theory]
    [InlineData("60000", 60_000L)]
    [InlineData("0", 0L)]
    [InlineData("4294967295", 4_294_967_295L)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("abc", null)]
    [InlineData("12x", null)]
    [InlineData("4294967296", null)]
    public void An_expiration_is_a_number_of_milliseconds(string text, long? milliseconds)
    {
        var reader = new BasicPropertiesReader(Encode(new BasicProperties { Expiration = text }));
        Assert.Equal(milliseconds, reader.TryGetExpiration(out TimeSpan timeToLive) ? (long)timeToLive.TotalMilliseconds : null);
    }

    [Fact]
    public void Headers_are_replaced_and_everything_else_stays_byte_for_byte() => GenProperties.Sample(properties =>
    {
        var death = new FieldTable { { "x-death", FieldValue.FromArray(FieldValue.From(1)) } };
        Assert.Equal(properties with { Headers = death }, Replaced(properties, death, false));
        Assert.Equal(properties with { Headers = null }, Replaced(properties, null, false));
        Assert.Equal(properties with { Headers = death, Expiration = null }, Replaced(properties, death, true));
    });

    [Fact]
    public void Headers_can_be_given_to_a_message_without_properties()
    {
        var output = new ArrayBufferWriter<byte>();
        BasicPropertiesEditor.ReplaceHeaders([], new FieldTable { { "a", FieldValue.From(1) } }, output);
        Assert.Equal(FieldValue.From(1), BasicProperties.Decode(output.WrittenSpan).Headers!["a"]);
    }

    [Fact]
    public void Text_that_is_no_utf8_survives_a_replacement()
    {
        byte[] encoded = [0x04, 0x00, 3, 0xFF, 0xFE, 0x00];
        var output = new ArrayBufferWriter<byte>();
        BasicPropertiesEditor.ReplaceHeaders(encoded, null, output);
        Assert.Equal(encoded, output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Properties_cut_at_any_byte_are_refused()
    {
        byte[] golden = GoldenFile.Read("all-properties.bin");
        for (int length = 1; length < golden.Length; length++)
            Assert.False(IsValid(golden[..length]), $"cut at {length}");
    }

    [Fact]
    public void A_changed_byte_throws_nothing_but_the_named_error()
    {
        byte[] golden = GoldenFile.Read("all-properties.bin");
        for (int at = 0; at < golden.Length; at++)
        {
            foreach (byte mask in (byte[])[0x01, 0x04, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. golden];
                changed[at] ^= mask;
                if (IsValid(changed))
                    BasicProperties.Decode(changed);
            }
        }
    }

    [Fact]
    public void Noise_throws_nothing_but_the_named_error() => Gen.Byte.Array[0, 60].Sample(noise =>
    {
        if (IsValid(noise))
            BasicProperties.Decode(noise);
    });

    [Theory]
    [InlineData("00", "flags are cut off")]
    [InlineData("0001", "unknown properties")]
    [InlineData("0002", "unknown properties")]
    [InlineData("0000FF", "1 bytes follow")]
    [InlineData("1000", "DeliveryMode")]
    [InlineData("2000000000", "Headers")]
    [InlineData("2000FFFFFFFF", "Headers")]
    [InlineData("200000000003016158", "kind 0x58")]
    public void What_is_wrong_with_properties_is_named(string hex, string expected)
    {
        MalformedPropertiesException error =
            Assert.Throws<MalformedPropertiesException>(() => new BasicPropertiesReader(Convert.FromHexString(hex)).Validate());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_more_than_255_bytes_is_refused_by_its_name()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Encode(new BasicProperties { MessageId = new string('m', 256) }));
        Assert.Contains("message id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_is_no_short_string() =>
        Assert.Throws<ArgumentException>(() => new BasicPropertiesReader([]).TryGetShortString(BasicPropertyFlags.Headers, out _));

    [Fact]
    public void Look_ups_allocate_nothing()
    {
        byte[] encoded = GoldenFile.Read("all-properties.bin");
        int found = 0;
        for (int i = 0; i < 20; i++)
            found += LookUp(encoded);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            found += LookUp(encoded);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5 * 1020, found);
    }

    [Fact]
    public void A_timestamp_beyond_the_calendar_is_kept_and_is_no_moment()
    {
        Assert.True(new AmqpTimestamp(1_700_000_000).TryGetMoment(out DateTimeOffset moment));
        Assert.Equal(AmqpTimestamp.From(moment), new AmqpTimestamp(1_700_000_000));
        Assert.False(new AmqpTimestamp(long.MaxValue).TryGetMoment(out _));
        Assert.False(new AmqpTimestamp(long.MinValue).TryGetMoment(out _));
    }

    private static readonly Gen<string?> GenText = Gen.Char['a', 'z'].Array[0, 20].Select(letters => new string(letters)).Null();

    private static readonly Gen<FieldTable?> GenHeaders = Gen.Select(Gen.Char['a', 'd'], Gen.Int).Array[0, 4].Select(fields =>
    {
        var table = new FieldTable();
        foreach ((char name, int value) in fields)
            table.Add(name.ToString(), FieldValue.From(value));
        return table;
    }).Null();

    private static Gen<BasicProperties> GenProperties => Gen.Select(
        GenText.Array[10],
        GenHeaders,
        Gen.Select(Gen.Byte.Nullable(), Gen.Byte.Nullable(), Gen.Long.Nullable()),
        (texts, headers, numbers) =>
            new BasicProperties
            {
                ContentType = texts[0],
                ContentEncoding = texts[1],
                Headers = headers,
                DeliveryMode = numbers.Item1,
                Priority = numbers.Item2,
                CorrelationId = texts[2],
                ReplyTo = texts[3],
                Expiration = texts[4],
                MessageId = texts[5],
                Timestamp = numbers.Item3 is { } seconds ? new AmqpTimestamp(seconds) : null,
                Type = texts[6],
                UserId = texts[7],
                AppId = texts[8],
                ClusterId = texts[9],
            });

    private static int LookUp(ReadOnlySpan<byte> encoded)
    {
        var reader = new BasicPropertiesReader(encoded);
        reader.Validate();
        int found = reader.TryGetDeliveryMode(out _) ? 1 : 0;
        found += reader.TryGetPriority(out _) ? 1 : 0;
        found += reader.TryGetExpiration(out _) ? 1 : 0;
        found += reader.TryGetHeader("h"u8, out FieldValueView value) && value.TryGetBytes(out _) ? 1 : 0;
        return found + (reader.TryGetTimestamp(out _) ? 1 : 0);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    private static BasicProperties Replaced(BasicProperties properties, FieldTable? headers, bool withoutExpiration)
    {
        var output = new ArrayBufferWriter<byte>();
        BasicPropertiesEditor.ReplaceHeaders(Encode(properties), headers, output, withoutExpiration);
        return BasicProperties.Decode(output.WrittenSpan);
    }

    private static bool IsValid(byte[] encoded)
    {
        try
        {
            new BasicPropertiesReader(encoded).Validate();
            return true;
        }
        catch (MalformedPropertiesException refused)
        {
            Assert.InRange(refused.Position, 0, encoded.Length);
            return false;
        }
    }

    private static byte[] Encode(BasicProperties properties)
    {
        var output = new ArrayBufferWriter<byte>();
        properties.Encode(output);
        return output.WrittenSpan.ToArray();
    }
}
