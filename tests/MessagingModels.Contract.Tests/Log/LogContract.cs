using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// What the contracts of the log model share: topics and groups of their own, clients that are closed with the test, and waits that are bounded.
/// </summary>
public abstract class LogContract(ILogProvider provider) : IAsyncLifetime
{
    /// <summary>Bounds every wait for something that comes; on a busy machine a rebalance over the network takes its time.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>How long a test looks for something that must not come.</summary>
    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private static readonly DateTimeOffset s_minuteAgo = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds());

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private readonly Stack<IAsyncDisposable> _clients = new();

    protected ILogBroker Log { get; private set; } = null!;

    protected ILogProvider Provider => provider;

    public async ValueTask InitializeAsync() => Log = await provider.GetLogAsync();

    public async ValueTask DisposeAsync()
    {
        while (_clients.TryPop(out IAsyncDisposable? client))
            await client.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Skips the test where the broker does not offer what it is about, and says why.</summary>
    protected void Demand(LogFeature feature)
        => Assert.SkipUnless(Log.Capabilities.Supports(feature), $"{Log.Capabilities.System} does not offer {feature}: {Log.Capabilities.Note(feature)}.");

    /// <summary>A name that no other test uses.</summary>
    protected static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}";

    /// <summary>A topic of the test's own.</summary>
    protected async Task<string> TopicAsync(int partitions = 1, params (string Name, string Value)[] settings)
    {
        string topic = Unique("topic");
        await Log.CreateTopicAsync(new TopicSpecification(topic, partitions) { Configuration = settings.ToDictionary(s => s.Name, s => s.Value) });
        return topic;
    }

    protected ILogProducer Producer(ProducerOptions? options = null) => Closing(Log.CreateProducer(options));

    protected ILogConsumer Consumer(ConsumerOptions? options = null)
        => Closing(Log.CreateConsumer(options ?? new ConsumerOptions { OffsetReset = OffsetReset.Earliest }));

    /// <summary>A consumer of partitions of its own choosing, from their first records.</summary>
    protected async Task<ILogConsumer> ReaderAsync(params TopicPartition[] partitions)
    {
        ILogConsumer consumer = Consumer();
        await consumer.AssignAsync(partitions);
        return consumer;
    }

    /// <summary>A consumer that sees committed transactions only.</summary>
    protected async Task<ILogConsumer> CommittedReaderAsync(params TopicPartition[] partitions)
    {
        ILogConsumer consumer = Consumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest, IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignAsync(partitions);
        return consumer;
    }

    /// <summary>The strategies of members that a test names none for.</summary>
    protected virtual IReadOnlyList<string> Strategies => [AssignmentStrategy.Range];

    /// <summary>Settings of a member that learns of rebalances soon.</summary>
    protected ConsumerOptions MemberOf(string group, string? strategy = null) => new()
    {
        GroupId = group,
        OffsetReset = OffsetReset.Earliest,
        AssignmentStrategies = strategy is null ? Strategies : [strategy],
        SessionTimeout = TimeSpan.FromSeconds(20),
        HeartbeatInterval = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>A member with its first assignment, where no other member has to read on first.</summary>
    protected async Task<ILogConsumer> JoinAsync(ConsumerOptions options, IRebalanceListener? listener, params string[] topics)
    {
        ILogConsumer consumer = Consumer(options);
        await consumer.SubscribeAsync(topics, listener);
        return consumer;
    }

    protected Task<ILogConsumer> JoinAsync(string group, params string[] topics) => JoinAsync(MemberOf(group), null, topics);

    /// <summary>Writes values to a partition, one after the other, and returns where the last one is.</summary>
    protected async Task<RecordPosition> WriteAsync(TopicPartition partition, params string[] values)
    {
        await using ILogProducer producer = Log.CreateProducer();
        RecordPosition last = default;
        foreach (string value in values)
            last = await producer.ProduceAsync(new ProducerRecord(partition.Topic, null, value) { Partition = partition.Partition });
        return last;
    }

    /// <summary>A time that is not so old that the topic's retention takes what was written at it: a minute ago, and milliseconds after that.</summary>
    protected static DateTimeOffset At(long milliseconds) => s_minuteAgo.AddMilliseconds(milliseconds);

    /// <summary>Writes records with given times (see <see cref="At"/>) as values, each in a batch of its own.</summary>
    protected async Task WriteAtAsync(TopicPartition partition, params long[] milliseconds)
    {
        await using ILogProducer producer = Log.CreateProducer();
        foreach (long time in milliseconds)
            await producer.ProduceAsync(new ProducerRecord(partition.Topic, null, $"{time}") { Partition = partition.Partition, Timestamp = At(time) });
    }

    /// <summary>Reads until a number of records has come.</summary>
    protected static async Task<List<LogRecord>> ReadAsync(ILogConsumer consumer, int count)
    {
        List<LogRecord> records = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (records.Count < count)
        {
            Assert.True(watch.Elapsed < Limit, $"{records.Count} of {count} records came within {Limit}.");
            records.AddRange(await consumer.PollAsync(TimeSpan.FromSeconds(1), count - records.Count));
        }

        return records;
    }

    protected static async Task<string?[]> ReadValuesAsync(ILogConsumer consumer, int count)
        => [.. (await ReadAsync(consumer, count)).Select(r => r.ValueText)];

    /// <summary>Reads for a moment and finds nothing.</summary>
    protected static async Task ReadNothingAsync(ILogConsumer consumer)
        => Assert.Empty((await consumer.PollAsync(Moment)).Select(r => r.ValueText));

    /// <summary>Has members read, so that their group can rebalance, until a condition holds.</summary>
    protected static async Task ReadUntilAsync(Func<bool> condition, params ILogConsumer[] members)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Limit, $"The condition did not hold within {Limit}. Assignments: "
                + string.Join("; ", members.Select(m => string.Join(' ', m.Assignment))));
            foreach (ILogConsumer member in members) await member.PollAsync(s_step);
        }
    }

    /// <summary>Has members read while something is awaited that needs them to.</summary>
    protected static async Task ReadWhileAsync(Task awaited, params ILogConsumer[] members)
    {
        await ReadUntilAsync(() => awaited.IsCompleted, members);
        await awaited;
    }

    /// <summary>Asks again until a condition holds.</summary>
    protected static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Limit, $"The condition did not hold within {Limit}.");
            await Task.Delay(s_step);
        }
    }

    /// <summary>Makes sure that a call is refused, and with which code.</summary>
    protected static async Task<LogException> RefusedAsync(LogErrorCode code, Func<Task> call)
    {
        LogException refused = await Assert.ThrowsAsync<LogException>(call);
        Assert.True(refused.ErrorCode == code, $"Expected {code}, but it is {refused.ErrorCode}: {refused.Message}");
        return refused;
    }

    protected T Closing<T>(T client)
        where T : IAsyncDisposable
    {
        _clients.Push(client);
        return client;
    }
}
