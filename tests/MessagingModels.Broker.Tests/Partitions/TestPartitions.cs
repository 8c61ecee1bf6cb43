using System.Text;
using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Partitions;

/// <summary>Topics over files in memory that stay when the topics are closed, with a clock that the test sets.</summary>
internal sealed class TestPartitions : IAsyncDisposable
{
    private readonly EmbeddedBrokerOptions _options;
    private DataDirectory _data;

    public TestPartitions(IFileSystem? files = null, Durability durability = Durability.PageCache, string directory = "/data")
    {
        Files = files ?? new MemoryFileSystem();
        _options = new EmbeddedBrokerOptions { DataDirectory = directory, Durability = durability, TimeProvider = Time };
        (_data, Topics) = Open();
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public IFileSystem Files { get; private set; }

    public BrokerContext Context => new() { Data = _data, Options = _options, Loggers = NullLoggerFactory.Instance };

    public TopicRegistry Topics { get; private set; }

    public async Task<Partition> CreateAsync(string topic = "orders", params (string Name, string Value)[] settings)
    {
        Topic created = await Topics.CreateAsync(new TopicSpecification(topic) { Configuration = settings.ToDictionary(s => s.Name, s => s.Value) });
        return created.Partitions[0];
    }

    /// <summary>Closes all and opens it again.</summary>
    public async Task ReopenAsync()
    {
        await Topics.DisposeAsync();
        _data.Dispose();
        (_data, Topics) = Open();
    }

    /// <summary>Opens all again as it is after the process was killed: nothing was closed.</summary>
    public void ReopenAfterKill()
    {
        _data.Dispose();
        (_data, Topics) = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Topics.DisposeAsync();
        _data.Dispose();
    }

    private (DataDirectory Data, TopicRegistry Topics) Open()
    {
        DataDirectory data = DataDirectory.Open(Files, _options.DataDirectory!);
        try
        {
            return (data, TopicRegistry.Open(new BrokerContext { Data = data, Options = _options, Loggers = NullLoggerFactory.Instance }));
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }
}

/// <summary>Builds batches as clients send them and reads stored ones.</summary>
internal static class TestBatches
{
    public static byte[] Of(long timestampMs, CompressionCodec codec, params (string? Key, string? Value)[] records)
    {
        RecordBatchBuilder builder = new();
        foreach ((string? key, string? value) in records) builder.Append(timestampMs, Bytes(key), key is not null, Bytes(value), value is not null);
        return builder.Build(codec).ToArray();
    }

    public static byte[] Of(long timestampMs, params string[] values) =>
        Of(timestampMs, CompressionCodec.None, [.. values.Select(value => ((string?)null, (string?)value))]);

    public static byte[] OfProducer(long timestampMs, long producerId, short epoch, int sequence, bool transactional, params string[] values)
    {
        RecordBatchBuilder builder = new();
        foreach (string value in values) builder.Append(timestampMs, Bytes(value), true, Bytes(value), true);
        return builder.Build(CompressionCodec.None, producerId, epoch, sequence, transactional).ToArray();
    }

    /// <summary>The visible records with their offsets, without markers.</summary>
    public static List<(long Offset, string? Key, string? Value)> Read(
        Partition partition, IsolationLevel isolation = IsolationLevel.ReadUncommitted, int maxBytes = 1 << 20)
    {
        List<(long, string?, string?)> found = [];
        for (long offset = partition.LogStartOffset; ;)
        {
            PartitionReadResult read = partition.Read(offset, maxBytes, isolation);
            if (read.NextOffset == offset) return found;
            Decode(read, offset, found);
            offset = read.NextOffset;
        }
    }

    public static List<string?> ReadValues(Partition partition, IsolationLevel isolation = IsolationLevel.ReadUncommitted) =>
        [.. Read(partition, isolation).Select(record => record.Value)];

    // What a client does (KIP-98): from an aborted transaction's first offset on, its producer's batches are dropped until its abort marker.
    private static void Decode(PartitionReadResult read, long from, List<(long, string?, string?)> found)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        Queue<AbortedTransaction> aborted = new(read.Aborted);
        HashSet<long> dropped = [];
        for (int position = 0; position < read.Batches.Length;)
        {
            RecordBatchView batch = new(read.Batches.Span[position..]);
            batch = new RecordBatchView(read.Batches.Span.Slice(position, batch.SizeInBytes));
            Assert.Equal(RecordBatchError.None, batch.Validate());
            position += batch.SizeInBytes;
            while (aborted.TryPeek(out AbortedTransaction transaction) && transaction.FirstOffset <= batch.LastOffset)
                dropped.Add(aborted.Dequeue().ProducerId);
            if (batch.IsControl)
            {
                if (ControlRecord.TryRead(batch, out ControlRecordType type) && type == ControlRecordType.Abort) dropped.Remove(batch.ProducerId);
                continue;
            }
            if (batch.IsTransactional && dropped.Contains(batch.ProducerId)) continue;
            RecordReader reader = new(BatchValidator.Decompress(batch, buffer), batch.RecordCount);
            while (reader.MoveNext())
            {
                RecordView record = reader.Current;
                long offset = batch.BaseOffset + record.OffsetDelta;
                if (offset >= from) found.Add((offset, Text(record.HasKey, record.Key), Text(record.HasValue, record.Value)));
            }
        }
    }

    private static byte[] Bytes(string? text) => text is null ? [] : Encoding.UTF8.GetBytes(text);

    private static string? Text(bool isPresent, ReadOnlySpan<byte> bytes) => isPresent ? Encoding.UTF8.GetString(bytes) : null;
}
