using System.Text;

namespace MessagingModels.Tests.Serialization;

public sealed class TypedClientTests
{
    [Fact]
    public async Task A_producer_writes_key_and_value_by_their_serializers()
    {
        RecordingProducer inner = new();
        await using LogProducer<int, Order> producer = new(inner);
        RecordHeaders headers = new();

        RecordPosition at = await producer.ProduceAsync("orders", 7, new Order("tea", 1), headers);

        Assert.Equal(0, at.Offset.Value);
        Assert.Equal("orders", inner.Records[0].Topic);
        Assert.Equal([0, 0, 0, 7], inner.Records[0].Key!);
        Assert.Equal("""{"item":"tea","count":1}""", Encoding.UTF8.GetString(inner.Records[0].Value!));
        Assert.Same(headers, inner.Records[0].Headers);
    }

    [Fact]
    public async Task A_null_key_is_absent_and_a_null_value_a_tombstone()
    {
        RecordingProducer inner = new();
        await using LogProducer<string, string> producer = new(inner);

        await producer.ProduceAsync("orders", null, "value");
        await producer.EnqueueAsync("orders", "key", null);

        Assert.Null(inner.Records[0].Key);
        Assert.Equal("value"u8.ToArray(), inner.Records[0].Value!);
        Assert.Equal("key"u8.ToArray(), inner.Records[1].Key!);
        Assert.Null(inner.Records[1].Value);
    }

    [Fact]
    public async Task Values_of_any_size_leave_the_pool_unharmed()
    {
        RecordingProducer inner = new();
        await using LogProducer<string, string> producer = new(inner);
        int[] sizes = [0, 1, 255, 256, 257, 70_000, 1_000_000, 3];

        foreach (int size in sizes)
            await producer.ProduceAsync("orders", "k", new string('x', size));

        Assert.Equal(sizes, inner.Records.Select(record => record.Value!.Length));
        Assert.All(inner.Records, record => Assert.Equal("k"u8.ToArray(), record.Key!));
    }

    [Fact]
    public async Task Handing_over_a_record_allocates_nothing()
    {
        RecordingProducer inner = new() { KeepsRecords = false };
        await using LogProducer<string, byte[]> producer = new(inner);
        byte[] value = [1, 2, 3];
        for (int i = 0; i < 100; i++)
            await producer.EnqueueAsync("orders", "key", value);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            await producer.EnqueueAsync("orders", "key", value);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, 1000);
    }

    [Fact]
    public async Task A_consumer_reads_key_and_value_by_their_serializers()
    {
        await using LogConsumer<int, Order> consumer = new(ScriptedConsumer.Of(
            Record(0, [0, 0, 0, 7], """{"item":"tea","count":1}"""u8.ToArray()),
            Record(1, null, null)));

        List<LogRecord<int, Order>> records = await consumer.ReadAsync().ToListAsync();

        Assert.Equal((7, new Order("tea", 1)), (records[0].Key, records[0].Value!));
        Assert.Equal(new TopicPartitionOffset("orders", 0, new Offset(1)), records[1].Position);
        Assert.False(records[1].Raw.HasKey);
        Assert.Null(records[1].Value);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_named_and_reading_goes_on_after_it()
    {
        await using LogConsumer<int, string> consumer = new(ScriptedConsumer.Of(
            Record(0, [1, 2, 3], "poison"u8.ToArray()),
            Record(1, [0, 0, 0, 1], "fine"u8.ToArray())));

        RecordFormatException error = await Assert.ThrowsAsync<RecordFormatException>(async () => await consumer.ReadAsync().ToListAsync());
        List<LogRecord<int, string>> rest = await consumer.ReadAsync().ToListAsync();

        Assert.Contains("The key of orders-0 at offset 0 cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Equal("poison", error.Record.ValueText);
        Assert.Equal("fine", Assert.Single(rest).Value);
    }

    private static LogRecord Record(long offset, byte[]? key, byte[]? value)
        => new("orders", 0, new Offset(offset), 0, key is null ? (ReadOnlyMemory<byte>?)null : key, value is null ? (ReadOnlyMemory<byte>?)null : value, null);
}
