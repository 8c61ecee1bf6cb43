using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Partitions;

/// <summary>
/// One partition of a topic: a log with producers, transactions and a high watermark. Thread-safe: batches are validated outside of the
/// one lock, get their offsets and are appended inside; readers take no lock and follow the high watermark.
/// </summary>
internal sealed partial class Partition : IAsyncDisposable
{
    private readonly PartitionEnvironment _environment;
    private readonly Lock _gate = new();
    private readonly Log? _log;
    private readonly CheckpointFile _snapshotFile;
    private readonly ProducerStates _states = new();
    private volatile TopicSettings _settings;
    private volatile FetchSignal[] _watchers = [];
    private volatile Refusal? _refusal;
    private long _highWatermark;
    private long _lastStableOffset;
    private long _snapshotOffset = -1;
    private bool _isFollowingFlushes;

    private Partition(PartitionEnvironment environment, TopicPartition id, string directory, TopicSettings settings, bool mustExist)
    {
        _environment = environment;
        _settings = settings;
        Id = id;
        Directory = directory;
        _snapshotFile = new CheckpointFile(environment.Context.FileSystem, Path.Combine(directory, ProducerSnapshot.FileName));
        try
        {
            if (mustExist && !environment.Context.FileSystem.DirectoryExists(directory))
                throw new StorageException($"The directory '{directory}' of partition {id} is missing. Put it back from a copy, or delete the topic.");
            _log = Log.Open(
                environment.Context.Data, directory, settings.ToLogOptions(environment.Context.Durability), environment.Context.Time, environment.Logger);
            _states = PartitionRecovery.Load(_snapshotFile, _log, environment.NowMs, out _snapshotOffset);
            if (_snapshotOffset < 0 && _log.NextOffset > 0) WriteSnapshot(_log.NextOffset);
            Advance(_log.NextOffset);
        }
        catch (Exception error) when (error is IOException or (StorageException and not BrokenStoreException))
        {
            Stop(LogErrorCode.KafkaStorageError, error.Message, error);
        }
    }

    /// <summary>Topic and number; its text is the name of the directory.</summary>
    public TopicPartition Id { get; }

    public string Directory { get; }

    /// <summary>Why the partition cannot be used, or null. Its reads and appends then fail with <see cref="LogErrorCode.KafkaStorageError"/>.</summary>
    public string? Error => _refusal?.Message;

    public TopicSettings Settings => _settings;

    public long LogStartOffset => _log?.LogStartOffset ?? 0;

    /// <summary>The end of what readers may see: everything below is as durable as the broker promises.</summary>
    public long HighWatermark => Volatile.Read(ref _highWatermark);

    /// <summary>The end of what read-committed readers may see: the first offset of the first open transaction, or the high watermark.</summary>
    public long LastStableOffset => Volatile.Read(ref _lastStableOffset);

    public long SizeInBytes => _log?.SizeInBytes ?? 0;

    /// <summary>The largest id of the producers that the log knows of; -1 where it knows of none.</summary>
    public long MaxProducerId
    {
        get
        {
            lock (_gate) return _states.Producers.Select(producer => producer.ProducerId).DefaultIfEmpty(-1).Max();
        }
    }

    /// <summary>Opens a partition, or creates it. A damaged one is opened as one that refuses everything, for the rest of the broker to go on.</summary>
    /// <param name="environment">What the partitions share.</param>
    /// <param name="id">Topic and number.</param>
    /// <param name="directory">Where it is.</param>
    /// <param name="settings">The topic's.</param>
    /// <param name="mustExist">True where a missing directory is a damage and not a new partition.</param>
    /// <exception cref="BrokenStoreException">The data directory is broken.</exception>
    public static Partition Open(PartitionEnvironment environment, TopicPartition id, string directory, TopicSettings settings, bool mustExist) =>
        new(environment, id, directory, settings, mustExist);

    /// <summary>Has changed settings take effect.</summary>
    public void Apply(TopicSettings settings)
    {
        _settings = settings;
        if (_log is not null) _log.Options = settings.ToLogOptions(_environment.Context.Durability);
    }

    /// <summary>Refuses everything from now on as a partition that does not exist, and lets go of the files, to be deleted then.</summary>
    public ValueTask RetireAsync()
    {
        Stop(LogErrorCode.UnknownTopicOrPartition, $"Partition {Id} was deleted.");
        return _log?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>Closes the partition so that opening it again reads none of its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_log is null) return;
        bool isSound = _refusal is null;
        Stop(LogErrorCode.KafkaStorageError, "The broker was closed.");
        lock (_gate)
        {
            if (isSound && _snapshotOffset != _log.NextOffset && !_environment.Context.Data.Health.IsBroken) WriteSnapshot(_log.NextOffset);
        }
        await _log.DisposeAsync().ConfigureAwait(false);
    }

    private void Stop(LogErrorCode code, string message, Exception? cause = null)
    {
        lock (_gate)
        {
            if (_refusal is not null) return;
            _refusal = new Refusal(code, message, cause);
        }
        if (cause is not null) LogStopped(_environment.Logger, Id, message);
        NotifyWatchers();
    }

    private Log UsableLog()
    {
        if (_refusal is { } refusal) throw refusal.ToException();
        return _log!;
    }

    private LogException Translate(Exception error)
    {
        switch (error)
        {
            case LogCorruptedException:
                Stop(LogErrorCode.KafkaStorageError, error.Message, error);
                return new LogException(LogErrorCode.KafkaStorageError, error.Message, error);
            case RecordBatchesTooLargeException:
                return new LogException(LogErrorCode.RecordListTooLarge, error.Message, error);
            case ObjectDisposedException:
                return _refusal?.ToException() ?? new LogException(LogErrorCode.KafkaStorageError, "The broker was closed.", error);
            default:
                return new LogException(LogErrorCode.KafkaStorageError, error.Message, error);
        }
    }

    private static bool IsStorageFailure(Exception error) => error is StorageException or IOException or ObjectDisposedException;

    // The state as of an offset, which must be the present one. A snapshot only saves time: without room for it things go on.
    private void WriteSnapshot(long offset)
    {
        try
        {
            _snapshotFile.Write(ProducerSnapshot.Encode(_states, offset), flush: _environment.Context.Durability == Durability.Fsync);
            _snapshotOffset = offset;
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            LogNoSnapshot(_environment.Logger, Id, error);
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Error, Message = "Partition {Partition} takes no more requests: {Reason}")]
    private static partial void LogStopped(ILogger logger, TopicPartition partition, string reason);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "Partition {Partition}: the producers' state could not be written; the next opening reads more")]
    private static partial void LogNoSnapshot(ILogger logger, TopicPartition partition, Exception error);

    private sealed record Refusal(LogErrorCode Code, string Message, Exception? Cause)
    {
        public LogException ToException() => new(Code, Message, Cause);
    }
}
