using System.Collections.Concurrent;
using MessagingModels.Broker.Transactions;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Transactions;

public sealed class TransactionCoordinatorTests : IAsyncDisposable
{
    private static readonly TopicPartition s_p0 = new("orders", 0);
    private static readonly TopicPartition s_p1 = new("orders", 1);
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();
    private readonly BrokerContext _context;
    private readonly ConcurrentQueue<(TopicPartition Partition, ProducerIdentity Producer, bool Commit)> _markers = [];
    private Func<TopicPartition, ValueTask> _onMarker = _ => ValueTask.CompletedTask;
    private TransactionCoordinator? _coordinator;

    public TransactionCoordinatorTests() => _context = new BrokerContext
    {
        Data = DataDirectory.InMemory(),
        Options = new EmbeddedBrokerOptions { TimeProvider = _time },
        Loggers = _logs,
    };

    public async ValueTask DisposeAsync()
    {
        if (_coordinator is not null) await _coordinator.DisposeAsync();
        _context.Data.Dispose();
    }

    [Fact]
    public async Task Producer_without_transactional_id_gets_an_id_nobody_had_also_after_a_restart()
    {
        HashSet<long> ids = [];
        for (int i = 0; i < 3; i++)
        {
            await ReopenAsync();
            for (int j = 0; j < 1200; j++) Assert.True(ids.Add((await InitializeAsync(null)).ProducerId));
        }
    }

    [Fact]
    public async Task Ids_that_a_partition_brought_along_are_not_given_out()
    {
        await ReopenAsync();
        long first = (await InitializeAsync(null)).ProducerId;
        _coordinator!.SkipProducerIdsTo(first);
        Assert.Equal(first + 1, (await InitializeAsync(null)).ProducerId);
        _coordinator.SkipProducerIdsTo(5000);
        Assert.Equal(5001, (await InitializeAsync(null)).ProducerId);
        await ReopenAsync();
        Assert.True((await InitializeAsync(null)).ProducerId > 5001);
    }

    [Fact]
    public async Task Same_transactional_id_keeps_its_producer_id_with_the_next_epoch()
    {
        await ReopenAsync();
        ProducerIdentity first = await InitializeAsync("t");
        await ReopenAsync();
        ProducerIdentity second = await InitializeAsync("t");
        Assert.Equal(first with { Epoch = 1 }, second);
    }

    [Fact]
    public async Task Commit_writes_a_marker_to_every_partition()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0, s_p1);
        Assert.Equal(LogErrorCode.None, await EndAsync(producer, commit: true));
        Assert.Equal([(s_p0, producer, true), (s_p1, producer, true)], _markers.OrderBy(m => m.Partition.Partition));
        Assert.Equal(LogErrorCode.None, await EndAsync(producer, commit: true));
        Assert.Equal(LogErrorCode.InvalidTransactionState, await EndAsync(producer, commit: false));
        Assert.Equal(2, _markers.Count);
    }

    [Fact]
    public async Task Partition_is_open_to_a_producer_from_adding_it_until_the_end_is_decided()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        Assert.Equal(LogErrorCode.InvalidTransactionState, Check(s_p0, producer));
        await AddAsync(producer, s_p0);
        Assert.Equal(LogErrorCode.None, Check(s_p0, producer));
        Assert.Equal(LogErrorCode.InvalidTransactionState, Check(s_p1, producer));
        Assert.Equal(LogErrorCode.InvalidProducerEpoch, Check(s_p0, producer with { Epoch = 5 }));
        LogErrorCode? atMarker = null;
        _onMarker = partition =>
        {
            atMarker = Check(partition, producer);
            return ValueTask.CompletedTask;
        };
        await EndAsync(producer, commit: true);
        Assert.Equal(LogErrorCode.InvalidTransactionState, atMarker);
    }

    [Fact]
    public async Task New_producer_fences_the_old_one_and_aborts_its_transaction()
    {
        await ReopenAsync();
        ProducerIdentity old = await InitializeAsync("t");
        await AddAsync(old, s_p0);
        ProducerIdentity newer = await InitializeAsync("t");

        Assert.True(newer.Epoch > old.Epoch);
        (TopicPartition partition, ProducerIdentity producer, bool commit) = Assert.Single(_markers);
        Assert.Equal((s_p0, false), (partition, commit));
        Assert.InRange(producer.Epoch, old.Epoch + 1, newer.Epoch);
        Assert.Equal(LogErrorCode.ProducerFenced, await EndAsync(old, commit: true));
        Assert.Equal(LogErrorCode.ProducerFenced, await _coordinator!.AddPartitionsAsync("t", old, [s_p0], default));
    }

    [Fact]
    public async Task Transaction_that_is_open_too_long_is_aborted_and_its_producer_fenced()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0);
        _time.Advance(s_timeout - TimeSpan.FromSeconds(1));
        Assert.Empty(_markers);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Until(() => !_markers.IsEmpty);
        Assert.False(_markers.Single().Commit);
        Assert.Equal(LogErrorCode.ProducerFenced, await EndAsync(producer, commit: true));
    }

    [Fact]
    public async Task Open_transaction_still_times_out_after_a_restart()
    {
        await ReopenAsync();
        await AddAsync(await InitializeAsync("t"), s_p0);
        await ReopenAsync();
        Assert.Empty(_markers);
        _time.Advance(s_timeout);
        await Until(() => !_markers.IsEmpty);
    }

    [Fact]
    public async Task Decided_transaction_is_completed_after_a_restart()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0, s_p1);
        _onMarker = _ => throw new LogException(LogErrorCode.KafkaStorageError, "The disk is full.");
        Assert.Equal(LogErrorCode.None, await EndAsync(producer, commit: true));
        Assert.Empty(_markers);

        _onMarker = _ => ValueTask.CompletedTask;
        await ReopenAsync();
        Assert.Equal([(s_p0, producer, true), (s_p1, producer, true)], _markers.OrderBy(m => m.Partition.Partition));
        Assert.Equal(LogErrorCode.None, await EndAsync(producer, commit: true));
    }

    [Fact]
    public async Task Marker_that_fails_is_tried_again_and_meanwhile_the_next_transaction_waits()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0);
        _onMarker = _ => throw new LogException(LogErrorCode.KafkaStorageError, "The disk is full.");
        await EndAsync(producer, commit: true);
        Assert.Equal(LogErrorCode.ConcurrentTransactions, await _coordinator!.AddPartitionsAsync("t", producer, [s_p1], default));

        _onMarker = _ => ValueTask.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(1));
        await Until(() => !_markers.IsEmpty);
        await Until(() => _coordinator.AddPartitionsAsync("t", producer, [s_p1], default).AsTask().GetAwaiter().GetResult() == LogErrorCode.None);
    }

    [Fact]
    public async Task Marker_that_goes_on_failing_is_tried_ever_less_often_and_told_once()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0);
        int attempts = 0;
        _onMarker = _ =>
        {
            Interlocked.Increment(ref attempts);
            throw new LogException(LogErrorCode.KafkaStorageError, "The log is damaged.");
        };
        await EndAsync(producer, commit: true);
        int expected = 1;

        // Asking for the same end again waits until the attempt before is over.
        foreach (int seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60, 60])
        {
            await EndAsync(producer, commit: true);
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(expected, Volatile.Read(ref attempts));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Until(() => Volatile.Read(ref attempts) == expected + 1);
            expected++;
        }

        Assert.Equal(1, _logs.Count(LogLevel.Warning));
        await EndAsync(producer, commit: true);
        _onMarker = _ => ValueTask.CompletedTask;
        _time.Advance(TimeSpan.FromMinutes(1));
        await Until(() => !_markers.IsEmpty);
        await EndAsync(producer, commit: true);
        Assert.Contains("after 10 attempts that failed", _logs.Last(LogLevel.Information), StringComparison.Ordinal);

        await AddAsync(producer, s_p0);
        _onMarker = _ => throw new LogException(LogErrorCode.KafkaStorageError, "The log is damaged.");
        await EndAsync(producer, commit: true);
        Assert.Equal(2, _logs.Count(LogLevel.Warning));
    }

    [Fact]
    public async Task Marker_for_a_deleted_topic_is_not_waited_for()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        await AddAsync(producer, s_p0);
        _onMarker = _ => throw new LogException(LogErrorCode.UnknownTopicOrPartition, "There is no such topic.");
        await EndAsync(producer, commit: true);
        await AddAsync(producer, s_p1);
    }

    [Fact]
    public async Task Requests_of_strangers_are_refused()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        Assert.Equal(LogErrorCode.InvalidProducerIdMapping, await _coordinator!.EndAsync("other", producer, commit: true, default));
        Assert.Equal(LogErrorCode.InvalidProducerIdMapping, await EndAsync(producer with { ProducerId = 999 }, commit: true));
        Assert.Equal(LogErrorCode.InvalidTransactionState, await EndAsync(producer, commit: true));
        Assert.Equal(
            LogErrorCode.InvalidTransactionTimeout, (await _coordinator.InitProducerIdAsync("t", TimeSpan.FromHours(1), null, default)).Error);
    }

    [Fact]
    public async Task Unused_transactional_id_is_forgotten_after_a_week()
    {
        await ReopenAsync();
        ProducerIdentity producer = await InitializeAsync("t");
        _time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(LogErrorCode.InvalidProducerIdMapping, await EndAsync(producer, commit: true));
        await ReopenAsync();
        Assert.NotEqual(producer.ProducerId, (await InitializeAsync("t")).ProducerId);
    }

    private async Task ReopenAsync()
    {
        if (_coordinator is not null) await _coordinator.DisposeAsync();
        _coordinator = await TransactionCoordinator.OpenAsync(_context, async (partition, producer, _, commit) =>
        {
            await _onMarker(partition);
            _markers.Enqueue((partition, producer, commit));
        });
    }

    private async Task<ProducerIdentity> InitializeAsync(string? transactionalId)
    {
        InitProducerIdResponse response = await _coordinator!.InitProducerIdAsync(transactionalId, s_timeout, null, default).AsTask().WaitAsync(s_limit);
        Assert.Equal(LogErrorCode.None, response.Error);
        return response.Producer;
    }

    private async Task AddAsync(ProducerIdentity producer, params TopicPartition[] partitions)
        => Assert.Equal(LogErrorCode.None, await _coordinator!.AddPartitionsAsync("t", producer, partitions, default).AsTask().WaitAsync(s_limit));

    private Task<LogErrorCode> EndAsync(ProducerIdentity producer, bool commit)
        => _coordinator!.EndAsync("t", producer, commit, default).AsTask().WaitAsync(s_limit);

    private LogErrorCode Check(TopicPartition partition, ProducerIdentity producer)
        => _coordinator!.CheckPartition(partition, producer.ProducerId, producer.Epoch);

    private static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(s_limit);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class RecordedLogs : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = [];

        public int Count(LogLevel level) => _entries.Count(entry => entry.Level == level);

        public string Last(LogLevel level) => _entries.Last(entry => entry.Level == level).Text;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => _entries.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
