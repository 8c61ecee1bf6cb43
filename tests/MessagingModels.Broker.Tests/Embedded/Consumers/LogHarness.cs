using System.Collections.Concurrent;
using System.Text;
using MessagingModels.Broker.Embedded.Consumers;
using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Groups.Assignors;
using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Broker.Tests.Embedded.Consumers;

/// <summary>Topics and groups in memory, a way to fill partitions, and consumers of them.</summary>
internal sealed class LogHarness : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly BrokerContext _context;
    private readonly AssignorRegistry _assignors = new([]);

    public LogHarness(TimeProvider? time = null)
        : this(DataDirectory.InMemory(), new EmbeddedBrokerOptions { TimeProvider = time ?? TimeProvider.System })
    {
    }

    /// <summary>With files that survive power loss.</summary>
    public LogHarness(IFileSystem files)
        : this(DataDirectory.Open(files, "/data"), new EmbeddedBrokerOptions { DataDirectory = "/data", Durability = Durability.Fsync })
    {
    }

    private LogHarness(DataDirectory data, EmbeddedBrokerOptions options)
    {
        _context = new BrokerContext { Data = data, Options = options, Loggers = NullLoggerFactory.Instance };
        Topics = TopicRegistry.Open(_context);
        Groups = GroupCoordinator.Open(_context, Topics);
    }

    public TopicRegistry Topics { get; }

    public GroupCoordinator Groups { get; }

    public async ValueTask DisposeAsync()
    {
        await Groups.DisposeAsync();
        await Topics.DisposeAsync();
        _context.Data.Dispose();
    }

    public async Task CreateAsync(string topic, int partitions = 1)
        => await Topics.CreateAsync(new TopicSpecification(topic) { Partitions = partitions });

    public EmbeddedConsumer Consumer(ConsumerOptions? options = null) => new(
        options ?? new ConsumerOptions { OffsetReset = OffsetReset.Earliest }, Topics, Groups, _assignors, _context.Time);

    public EmbeddedConsumer Member(string group = "billing", params string[] strategies) => Consumer(new ConsumerOptions
    {
        GroupId = group,
        OffsetReset = OffsetReset.Earliest,
        AssignmentStrategies = strategies.Length > 0 ? strategies : [AssignmentStrategy.Range],
    });

    public Task AppendAsync(TopicPartition partition, params string[] values)
        => AppendAsync(partition, CompressionCodec.None, -1, -1, values);

    public async Task AppendAsync(TopicPartition partition, CompressionCodec codec, long producerId, int sequence, params string[] values)
    {
        RecordBatchBuilder builder = new();
        foreach (string value in values)
            builder.Append(1_000_000 + builder.RecordCount, default, hasKey: false, Encoding.UTF8.GetBytes(value), hasValue: true);
        bool isTransactional = producerId >= 0;
        Memory<byte> batch = builder.Build(codec, producerId, (short)(isTransactional ? 0 : -1), sequence, isTransactional);
        await Topics.Get(partition).AppendAsync(batch, Acks.All);
    }

    /// <summary>Reads until a number of records has come, within a bound.</summary>
    public static async Task<List<string>> ReadAsync(ILogConsumer consumer, int count)
    {
        List<string> values = [];
        using CancellationTokenSource bound = new(Limit);
        while (values.Count < count)
        {
            foreach (LogRecord record in await consumer.PollAsync(Limit, count - values.Count, bound.Token)) values.Add(record.ValueText!);
        }

        return values;
    }

    /// <summary>Has consumers read until a condition holds, within a bound.</summary>
    public static async Task PollUntilAsync(Func<bool> condition, params ILogConsumer[] consumers)
    {
        using CancellationTokenSource bound = new(Limit);
        while (!condition())
        {
            foreach (ILogConsumer consumer in consumers) await consumer.PollAsync(TimeSpan.FromMilliseconds(5), 1, bound.Token);
        }
    }
}

/// <summary>Writes down what a listener is told.</summary>
internal sealed class RecordingListener : IRebalanceListener
{
    public ConcurrentQueue<string> Calls { get; } = [];

    public Func<ILogConsumer, IReadOnlyCollection<TopicPartition>, ValueTask>? Revoking { get; init; }

    public ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("assigned", partitions);
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("revoked", partitions);
        return Revoking?.Invoke(consumer, partitions) ?? ValueTask.CompletedTask;
    }

    public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("lost", partitions);
        return ValueTask.CompletedTask;
    }

    // A rebalance that changes nothing for the member is told of with no partitions.
    private void Note(string what, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (partitions.Count > 0) Calls.Enqueue($"{what} {string.Join(' ', partitions.OrderBy(p => p.Partition))}");
    }
}
