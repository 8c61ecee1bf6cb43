using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Formats.Tests.Properties;

public sealed class FieldTableTests
{
    private static readonly Gen<string> GenName = Gen.String[0, 20];

    private static readonly Gen<FieldValue> GenScalar = Gen.OneOf(
        Gen.Const(FieldValue.Void),
        Gen.Bool.Select(FieldValue.From),
        Gen.SByte.Select(FieldValue.From),
        Gen.Byte.Select(FieldValue.From),
        Gen.Short.Select(FieldValue.From),
        Gen.UShort.Select(FieldValue.From),
        Gen.Int.Select(FieldValue.From),
        Gen.UInt.Select(FieldValue.From),
        Gen.Long.Select(FieldValue.From),
        Gen.Float.Select(FieldValue.From),
        Gen.Double.Select(FieldValue.From),
        Gen.Select(Gen.Byte, Gen.Int, (scale, digits) => FieldValue.From(new AmqpDecimal(scale, digits))),
        Gen.Long.Select(seconds => FieldValue.From(new AmqpTimestamp(seconds))),
        Gen.Byte.Array[0, 30].Select(bytes => FieldValue.FromLongString(bytes)),
        Gen.Byte.Array[0, 30].Select(bytes => FieldValue.FromBytes(bytes)));

    [Fact]
    public void Every_kind_of_value_is_read_as_rabbitmq_wrote_it() =>
        Assert.Equal(GoldenTable.Create(), FieldTable.Decode(GoldenFile.Read("field-table.bin")));

    [Fact]
    public void Every_kind_of_value_is_written_as_rabbitmq_writes_it()
    {
        byte[] golden = GoldenFile.Read("field-table.bin");
        byte[] written = Encode(GoldenTable.Create());
        Assert.Equal(golden.Length, BinaryPrimitives.ReadInt32BigEndian(written));
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(written, 4, written.Length - 4));
    }

    [Fact]
    public void Any_table_comes_back_with_the_same_bytes() => GenTable(3).Sample(table =>
    {
        byte[] encoded = Encode(table);
        FieldTable decoded = FieldTable.Decode(encoded.AsSpan(4));
        return decoded.Equals(table) && decoded.GetHashCode() == table.GetHashCode() && Encode(decoded).AsSpan().SequenceEqual(encoded);
    });

    [Fact]
    public void A_table_cut_at_any_byte_is_refused_or_ends_between_two_fields()
    {
        byte[] golden = GoldenFile.Read("field-table.bin");
        int whole = 0;
        for (int length = 0; length < golden.Length; length++)
            whole += DecodesOrIsRefused(golden[..length]) ? 1 : 0;

        Assert.Equal(GoldenTable.Create().Count, whole);
    }

    [Fact]
    public void A_changed_byte_throws_nothing_but_the_named_error()
    {
        byte[] golden = GoldenFile.Read("field-table.bin");
        for (int at = 0; at < golden.Length; at++)
        {
            foreach (byte mask in (byte[])[0x01, 0x08, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. golden];
                changed[at] ^= mask;
                DecodesOrIsRefused(changed);
            }
        }
    }

    [Fact]
    public void Noise_throws_nothing_but_the_named_error() =>
        Gen.Byte.Array[0, 100].Sample(noise => { DecodesOrIsRefused(noise); });

    [Theory]
    [InlineData("05616263", "name of 5 bytes", 0)]
    [InlineData("0161", "no value", 2)]
    [InlineData("01617A", "kind 0x7a is unknown", 2)]
    [InlineData("016149000000", "'I' is cut off", 2)]
    [InlineData("016153000000", "length is cut off", 3)]
    [InlineData("016153FFFFFFFF00", "value of 4294967295 bytes", 2)]
    [InlineData("0161460000000301624A", "kind 0x4a is unknown", 9)]
    public void What_is_wrong_with_a_table_is_named_with_its_place(string hex, string expected, int position)
    {
        MalformedPropertiesException error =
            Assert.Throws<MalformedPropertiesException>(() => FieldTable.Decode(Convert.FromHexString(hex)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(position, error.Position);
    }

    [Fact]
    public void Tables_as_deep_as_allowed_come_back_and_deeper_ones_are_refused()
    {
        FieldTable deepest = Nested(FieldTable.MaxNestingDepth);
        Assert.Equal(deepest, FieldTable.Decode(Encode(deepest).AsSpan(4)));
        Assert.Throws<InvalidOperationException>(() => Encode(Nested(FieldTable.MaxNestingDepth + 1)));

        byte[] tooDeep = Encode(deepest);
        tooDeep = [1, (byte)'t', (byte)'F', .. tooDeep];
        Assert.Throws<MalformedPropertiesException>(() => FieldTable.Decode(tooDeep));
    }

    [Fact]
    public void A_name_that_occurs_twice_is_kept_and_found_by_its_first()
    {
        FieldTable table = new() { { "a", FieldValue.From(1) }, { "b", FieldValue.From(2) }, { "a", FieldValue.From(3) } };
        FieldTable decoded = FieldTable.Decode(Encode(table).AsSpan(4));

        Assert.Equal(3, decoded.Count);
        Assert.Equal(FieldValue.From(1), decoded["a"]);
        decoded["a"] = FieldValue.From(9);
        Assert.Equal([9L, 2L, 3L], decoded.Select(field => field.Value.TryGetInteger(out long value) ? value : -1));
        Assert.True(decoded.Remove("a"));
        Assert.False(decoded.ContainsName("a"));
        Assert.False(decoded.Remove("a"));
        Assert.Throws<KeyNotFoundException>(() => decoded["a"]);
    }

    [Fact]
    public void A_name_of_more_than_255_bytes_is_refused()
    {
        var table = new FieldTable { { new string('n', 255), FieldValue.Void } };
        Assert.Throws<ArgumentException>(() => table.Add(new string('ä', 128), FieldValue.Void));
        Assert.Single(table);
    }

    [Fact]
    public void Values_of_the_same_number_and_another_kind_differ()
    {
        Assert.NotEqual(FieldValue.From(1), FieldValue.From(1L));
        Assert.NotEqual(FieldValue.From("a"), FieldValue.FromBytes("a"u8));
        Assert.Equal(FieldValue.From("a"), FieldValue.FromLongString("a"u8));
        Assert.Equal(default, FieldValue.Void);
    }

    private static Gen<FieldTable> GenTable(int depth)
    {
        Gen<FieldValue> value = depth == 0
            ? GenScalar
            : Gen.Frequency(
                (8, GenScalar),
                (1, GenTable(depth - 1).Select(FieldValue.From)),
                (1, GenScalar.Array[0, 4].Select(values => FieldValue.FromArray(values))));
        return Gen.Select(GenName, value).Array[0, 6].Select(fields =>
        {
            var table = new FieldTable();
            foreach ((string name, FieldValue each) in fields)
                table.Add(System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)), each);
            return table;
        });
    }

    private static FieldTable Nested(int depth)
    {
        var table = new FieldTable();
        for (int i = 1; i < depth; i++)
            table = new FieldTable { { "t", FieldValue.From(table) } };
        return table;
    }

    private static byte[] Encode(FieldTable table)
    {
        var output = new ArrayBufferWriter<byte>();
        table.Encode(output);
        return output.WrittenSpan.ToArray();
    }

    private static bool DecodesOrIsRefused(byte[] content)
    {
        try
        {
            FieldTable.Decode(content);
            return true;
        }
        catch (MalformedPropertiesException refused)
        {
            Assert.InRange(refused.Position, 0, content.Length);
            return false;
        }
    }
}
