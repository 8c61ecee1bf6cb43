using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What a record keeps on its way from producer to consumer.</summary>
public abstract class RecordContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Generated_keys_values_and_headers_come_back_byte_for_byte()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer();
        ILogConsumer consumer = await ReaderAsync(partition);
        Gen<byte[]?> bytes = Gen.Byte.Array[0, 100].Null();

        await Gen.Select(bytes, bytes, Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 10], bytes).Array[0, 4]).SampleAsync(
            async (key, value, headers) =>
            {
                RecordHeaders sent = [];
                foreach ((string name, byte[]? header) in headers) sent.Add(name, Memory(header));
                await producer.ProduceAsync(new ProducerRecord(partition.Topic, Memory(key), Memory(value)) { Headers = sent });
                LogRecord read = (await ReadAsync(consumer, 1))[0];
                Assert.Equal((key is not null, value is not null), (read.HasKey, read.HasValue));
                Assert.Equal(key ?? [], read.Key.ToArray());
                Assert.Equal(value ?? [], read.Value.ToArray());
                Assert.Equal(headers.Select(h => (h.Item1, Hex(Memory(h.Item2)))), read.Headers.Select(h => (h.Key, Hex(h.Value))));
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public async Task Absent_key_is_no_empty_key()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer();
        await producer.ProduceAsync(partition.Topic, null, "x");
        await producer.ProduceAsync(partition.Topic, "", "x");

        Assert.Equal([false, true], (await ReadAsync(await ReaderAsync(partition), 2)).Select(r => r.HasKey));
    }

    [Fact]
    public async Task Tombstone_is_no_empty_value()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer();
        await producer.ProduceAsync(partition.Topic, "k", null);
        await producer.ProduceAsync(partition.Topic, "k", "");

        Assert.Equal([false, true], (await ReadAsync(await ReaderAsync(partition), 2)).Select(r => r.HasValue));
    }

    [Fact]
    public async Task Headers_keep_their_order_and_may_repeat_a_name()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        RecordHeaders headers = [];
        foreach ((string name, string value) in ((string, string)[])[("b", "1"), ("a", "2"), ("b", "3")]) headers.Add(name, value);
        await Producer().ProduceAsync(new ProducerRecord(partition.Topic, null, "x") { Headers = headers });

        LogRecord read = (await ReadAsync(await ReaderAsync(partition), 1))[0];
        Assert.Equal(["b=1", "a=2", "b=3"], read.Headers.Select(h => $"{h.Key}={h.Text}"));
        Assert.True(read.Headers.TryGetLast("b", out RecordHeader last));
        Assert.Equal("3", last.Text);
    }

    [Fact]
    public async Task Header_without_a_value_is_no_empty_header()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        RecordHeaders headers = [];
        headers.Add("absent", default(ReadOnlyMemory<byte>?));
        headers.Add("empty", "");
        await Producer().ProduceAsync(new ProducerRecord(partition.Topic, null, "x") { Headers = headers });

        LogRecord read = (await ReadAsync(await ReaderAsync(partition), 1))[0];
        Assert.Equal([false, true], read.Headers.Select(h => h.Value.HasValue));
    }

    [Fact]
    public async Task Record_without_headers_has_none()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "x");

        Assert.Empty((await ReadAsync(await ReaderAsync(partition), 1))[0].Headers);
    }

    [Fact]
    public async Task Records_time_is_kept_to_the_millisecond()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        DateTimeOffset time = At(789);
        RecordPosition position = await Producer().ProduceAsync(new ProducerRecord(partition.Topic, null, "x") { Timestamp = time });

        Assert.Equal(time, position.Timestamp);
        Assert.Equal(time, (await ReadAsync(await ReaderAsync(partition), 1))[0].Timestamp);
    }

    [Fact]
    public async Task Record_without_a_time_gets_the_present_one()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        RecordPosition position = await Producer().ProduceAsync(partition.Topic, null, "x");
        DateTimeOffset read = (await ReadAsync(await ReaderAsync(partition), 1))[0].Timestamp;

        Assert.InRange(read, before, DateTimeOffset.UtcNow.AddMilliseconds(1));
        Assert.Equal(position.Timestamp, read);
    }

    [Fact]
    public async Task Topic_with_append_time_replaces_the_records_time()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.MessageTimestampType, "LogAppendTime")), 0);
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        RecordPosition position = await Producer().ProduceAsync(
            new ProducerRecord(partition.Topic, null, "x") { Timestamp = At(0) });
        DateTimeOffset read = (await ReadAsync(await ReaderAsync(partition), 1))[0].Timestamp;

        Assert.InRange(read, before, DateTimeOffset.UtcNow.AddMilliseconds(1));
        Assert.Equal(read, position.Timestamp);
    }

    [Fact]
    public async Task Large_record_comes_back_whole()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        byte[] value = new byte[900_000];
        new Random(7).NextBytes(value);
        await Producer().ProduceAsync(new ProducerRecord(partition.Topic, null, value));

        Assert.Equal(value, (await ReadAsync(await ReaderAsync(partition), 1))[0].Value.ToArray());
    }

    [Fact]
    public async Task Callers_memory_may_be_used_again_once_the_record_is_taken()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer();
        byte[] value = new byte[4];
        for (int i = 0; i < 50; i++)
        {
            BitConverter.TryWriteBytes(value, i);
            await producer.EnqueueAsync(new ProducerRecord(partition.Topic, value, value));
        }

        await producer.FlushAsync();
        List<LogRecord> records = await ReadAsync(await ReaderAsync(partition), 50);
        Assert.Equal(Enumerable.Range(0, 50), records.Select(r => BitConverter.ToInt32(r.Value.Span)));
        Assert.Equal(Enumerable.Range(0, 50), records.Select(r => BitConverter.ToInt32(r.Key.Span)));
    }

    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;

    private static string? Hex(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Convert.ToHexString(some.Span) : null;
}

public sealed class Records_on_native(NativeLog log) : RecordContract(log);

public sealed class Records_on_native_on_disk(NativeDiskLog log) : RecordContract(log);

public sealed class Records_on_kafka(KafkaLog log) : RecordContract(log);
