using CsCheck;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class RecordReaderTests
{
    private static readonly Gen<(byte[]? Key, byte[]? Value, (string, byte[]?)[] Headers, long Timestamp)> GenRecord = Gen.Select(
        Gen.Byte.Array[0, 40].Null(),
        Gen.Byte.Array[0, 300].Null(),
        Gen.Select(Gen.String[0, 6], Gen.Byte.Array[0, 10].Null()).Array[0, 4],
        Gen.Long[0, long.MaxValue / 2]);

    [Fact]
    public void Any_records_come_back_as_they_were_appended() => GenRecord.Array[1, 30].Sample(records =>
    {
        var builder = new RecordBatchBuilder(0);
        foreach ((byte[]? key, byte[]? value, (string, byte[]?)[] headers, long timestamp) in records)
            builder.Append(timestamp, key, key is not null, value, value is not null, ToHeaders(headers));
        byte[] batch = builder.Build().ToArray();

        var view = new RecordBatchView(batch);
        var reader = new RecordReader(view.RecordsSection, view.RecordCount);
        int at = 0;
        while (reader.MoveNext())
            AssertSame(records[at], reader.Current, view, at++);
        Assert.Equal(records.Length, at);
    });

    [Fact]
    public void A_section_cut_at_any_byte_is_refused_by_name()
    {
        byte[] section = Section();
        for (int length = 0; length < section.Length; length++)
            AssertRefused(section.AsSpan(0, length));
    }

    [Fact]
    public void A_changed_byte_never_leads_outside_the_section()
    {
        for (int at = 0; at < Section().Length; at++)
        {
            foreach (byte mask in (byte[])[0x01, 0x02, 0x40, 0x7F, 0x80, 0xFF])
            {
                byte[] section = Section();
                section[at] ^= mask;
                ReadOrRefuse(section, 3);
            }
        }
    }

    [Fact]
    public void Noise_never_throws_anything_but_the_named_error() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[-1, 40]).Sample(ReadOrRefuse);

    [Theory]
    [InlineData("", 1, "cannot hold")]
    [InlineData("", -1, "cannot hold")]
    [InlineData("10000000010100FF", 1, "does not fit the 7 bytes left")]
    [InlineData("0C00000001010000", 1, "follow the last record")]
    [InlineData("0E0000000101000000", 1, "follow its headers")]
    [InlineData("0C000001010100", 1, "Negative offset delta")]
    [InlineData("0C000000030100", 1, "Negative length")]
    [InlineData("0E00000001010200", 1, "header")]
    [InlineData("1000000001010201FF", 1, "Header without a key")]
    public void What_is_wrong_with_a_record_is_named(string hex, int count, string expected)
    {
        byte[] section = Convert.FromHexString(hex);
        InvalidRecordException error = Assert.Throws<InvalidRecordException>(() => Count(section, count));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Position, 0, section.Length);
    }

    [Fact]
    public void Ranges_say_where_key_value_and_headers_lie()
    {
        ReadOnlyMemory<byte> section = Section();
        var reader = new RecordReader(section.Span, 3);
        reader.MoveNext();
        RecordView record = reader.Current;

        Assert.True(record.Key.SequenceEqual(record.KeyRange.Of(section).Span));
        Assert.True(record.Value.SequenceEqual(record.ValueRange.Of(section).Span));
        Assert.True(record.Headers.Encoded.SequenceEqual(record.HeadersRange.Of(section).Span));
        Assert.Equal(0, record.RecordRange.Start);
        Assert.Equal(record.HeadersRange.End, record.RecordRange.End);
    }

    [Fact]
    public void The_last_header_of_a_name_is_its_value()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(0, [], false, [], true, [new("a", new byte[] { 1 }), new("b", new byte[] { 2 }), new("a", new byte[] { 3 })]);
        byte[] batch = builder.Build().ToArray();
        var reader = new RecordReader(new RecordBatchView(batch).RecordsSection, 1);
        reader.MoveNext();

        Assert.True(reader.Current.Headers.TryGetLast("a"u8, out RecordHeaderView header));
        Assert.Equal([3], header.Value.ToArray());
        Assert.False(reader.Current.Headers.TryGetLast("c"u8, out _));
        Assert.Equal(3, reader.Current.Headers.Count);
    }

    [Fact]
    public void Encoded_headers_can_be_passed_on_as_they_are()
    {
        byte[] section = Section();
        var reader = new RecordReader(section, 3);
        var builder = new RecordBatchBuilder();
        while (reader.MoveNext())
        {
            RecordView record = reader.Current;
            builder.AppendWithEncodedHeaders(
                record.TimestampDelta, record.Key, record.HasKey, record.Value, record.HasValue, record.Headers.Encoded);
        }

        byte[] copy = builder.Build().ToArray();
        Assert.Equal(section, new RecordBatchView(copy).RecordsSection.ToArray());
    }

    private static void AssertSame(
        (byte[]? Key, byte[]? Value, (string, byte[]?)[] Headers, long Timestamp) expected,
        RecordView actual,
        RecordBatchView batch,
        int offset)
    {
        Assert.Equal(offset, actual.OffsetDelta);
        Assert.Equal(expected.Timestamp, batch.BaseTimestamp + actual.TimestampDelta);
        Assert.Equal(expected.Key, actual.HasKey ? actual.Key.ToArray() : null);
        Assert.Equal(expected.Value, actual.HasValue ? actual.Value.ToArray() : null);
        Assert.Equal(expected.Headers.Length, actual.Headers.Count);
        int at = 0;
        foreach (RecordHeaderView header in actual.Headers)
        {
            Assert.Equal(System.Text.Encoding.UTF8.GetBytes(expected.Headers[at].Item1), header.KeyUtf8.ToArray());
            Assert.Equal(expected.Headers[at].Item2, header.HasValue ? header.Value.ToArray() : null);
            at++;
        }
    }

    private static RecordHeaderData[] ToHeaders((string, byte[]?)[] headers) =>
        [.. headers.Select(header => new RecordHeaderData(
            header.Item1, header.Item2 is null ? null : (ReadOnlyMemory<byte>?)header.Item2))];

    private static void AssertRefused(ReadOnlySpan<byte> section)
    {
        byte[] copy = section.ToArray();
        Assert.Throws<InvalidRecordException>(() => Count(copy, 3));
    }

    private static void ReadOrRefuse(byte[] section, int count)
    {
        try
        {
            Count(section, count);
        }
        catch (InvalidRecordException refused)
        {
            Assert.InRange(refused.Position, 0, section.Length);
        }
    }

    private static int Count(byte[] section, int count)
    {
        var reader = new RecordReader(section, count);
        int bytes = 0;
        while (reader.MoveNext())
        {
            bytes += reader.Current.Key.Length + reader.Current.Value.Length;
            foreach (RecordHeaderView header in reader.Current.Headers)
                bytes += header.KeyUtf8.Length + header.Value.Length;
        }

        return bytes;
    }

    private static byte[] Section()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(0, "key"u8, true, "value"u8, true, [new("h1", new byte[] { 1, 2 }), new("h2", null)]);
        builder.Append(1, [], false, new byte[200], true);
        builder.Append(300_000, "key"u8, true, [], false, [new("", new byte[70])]);
        return builder.Build()[RecordBatchLayout.HeaderSizeInBytes..].ToArray();
    }
}
