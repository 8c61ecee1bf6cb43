using System.Buffers;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Groups;

/// <summary>Takes what a coordinator's log holds, in order, when the coordinator starts.</summary>
internal interface ICoordinatorLogReader
{
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="hasValue">False for a tombstone.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="producerId">The producer whose transaction the record is part of; -1 for none.</param>
    void OnRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long offset, long producerId);

    /// <summary>A transaction has ended.</summary>
    void OnMarker(long producerId, bool commit);
}

/// <summary>
/// A log of keyed records in which a coordinator keeps its state: one partition of a compacted topic, as Kafka's internal topics are.
/// Thread-safe. Compacts itself, in the background, whenever it has grown by two segments.
/// </summary>
internal sealed partial class CoordinatorLog : IAsyncDisposable
{
    /// <summary>The directory, below the data directory, that holds the coordinators' logs.</summary>
    public const string ParentDirectory = "coordinators";

    private const int SegmentBytes = 16 * 1024 * 1024;
    private const int BytesBetweenCompactions = 2 * SegmentBytes;
    private const int ReadBytes = 1024 * 1024;

    private readonly Log? _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _appendLock = new();
    private readonly RecordBatchBuilder _batch = new();
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();
    private long _uncompactedBytes;
    private Task _compaction = Task.CompletedTask;
    private bool _isClosed;

    private CoordinatorLog(Log? log, TimeProvider time, ILogger logger)
    {
        _log = log;
        _time = time;
        _logger = logger;
        _uncompactedBytes = SizeInBytes;
    }

    public long SizeInBytes => _log?.SizeInBytes ?? 0;

    /// <summary>The damage for which the log takes nothing any more, as whoever is refused is told; null while it is sound.</summary>
    public StorageException? Failure { get; private set; }

    /// <summary>Opens or creates the log. A damaged one is opened as one that refuses everything, for the rest of the broker to go on.</summary>
    /// <param name="context">The broker.</param>
    /// <param name="name">The name of its directory, below <see cref="ParentDirectory"/>: topic and partition.</param>
    /// <param name="logger">Told what recovery cut and what went wrong with compaction.</param>
    /// <exception cref="BrokenStoreException">The data directory is broken.</exception>
    public static CoordinatorLog Open(BrokerContext context, string name, ILogger logger)
    {
        LogOptions options = new() { Durability = context.Durability, SegmentBytes = SegmentBytes, RetentionAge = null };
        string directory = context.PathOf(ParentDirectory, name);
        try
        {
            return new CoordinatorLog(Log.Open(context.Data, directory, options, context.Time, logger), context.Time, logger);
        }
        catch (Exception error) when (error is LogCorruptedException or CheckpointCorruptedException)
        {
            CoordinatorLog damaged = new(null, context.Time, logger);
            damaged.Fail(directory, error);
            return damaged;
        }
    }

    /// <summary>Hands over everything the log holds. What it handed over is of no use where <see cref="Failure"/> is set afterwards.</summary>
    public void Replay(ICoordinatorLogReader reader)
    {
        if (_log is null)
            return;
        try
        {
            // A log that was closed cleanly is opened unread; state must not be built on bytes that nobody has checked since.
            _log.Verify();
            Replay(_log, reader);
        }
        catch (Exception error) when (error is LogCorruptedException or InvalidDataException or InvalidRecordException or RecordCompressionException)
        {
            Fail(_log.Directory, error);
        }
    }

    private static void Replay(Log log, ICoordinatorLogReader reader)
    {
        long offset = log.LogStartOffset;
        ArrayBufferWriter<byte> decompressed = new();
        while (offset < log.NextOffset)
        {
            LogReadResult read = log.Read(offset, ReadBytes);
            ReadOnlySpan<byte> rest = read.Batches.Span;
            while (RecordBatchView.TryReadSize(rest, out int size) && size <= rest.Length)
            {
                Replay(new RecordBatchView(rest[..size]), decompressed, reader);
                rest = rest[size..];
            }

            if (read.NextOffset <= offset)
                break;
            offset = read.NextOffset;
        }
    }

    /// <summary>Begins a batch. Others wait until it is disposed.</summary>
    public CoordinatorAppend BeginAppend() => new(this, _appendLock.EnterScope());

    /// <summary>Appends the marker that ends a producer's transaction.</summary>
    /// <returns>What to wait for.</returns>
    public long AppendMarker(long producerId, short producerEpoch, int coordinatorEpoch, bool commit)
    {
        Span<byte> marker = stackalloc byte[ControlRecord.MarkerSizeInBytes];
        ControlRecord.WriteMarker(
            marker, commit ? ControlRecordType.Commit : ControlRecordType.Abort, producerId, producerEpoch, coordinatorEpoch, NowMs);
        lock (_appendLock) return Append(marker).LastOffset + 1;
    }

    /// <summary>Completes when everything below an offset is as durable as the broker promises.</summary>
    public ValueTask WaitDurableAsync(long upToOffset) => _log?.WaitDurableAsync(upToOffset) ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Task compaction;
        lock (_appendLock)
        {
            _isClosed = true;
            compaction = _compaction;
        }

        await compaction.ConfigureAwait(false);
        if (_log is not null) await _log.DisposeAsync().ConfigureAwait(false);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private LogAppendResult Append(Span<byte> batch)
    {
        if (Failure is not null) throw new StorageException(Failure.Message, Failure);
        LogAppendResult result = _log!.Append(batch);
        _uncompactedBytes += batch.Length;
        if (_uncompactedBytes >= BytesBetweenCompactions && _compaction.IsCompleted && !_isClosed)
        {
            _uncompactedBytes = 0;
            _compaction = Task.Run(() => Compact(_log));
        }

        return result;
    }

    private void Fail(string directory, Exception error)
    {
        LogFailed(error, directory);
        string damage = error is StorageException ? error.Message : $"'{directory}' holds a record that cannot be read: {error.Message}";
        Failure = new StorageException(
            $"{damage} Until then the coordinator that keeps its state there refuses every request; start the broker again when it is done.", error);
    }

    private void Compact(Log log)
    {
        try
        {
            CompactionResult result = log.Compact();
            LogCompacted(log.Directory, result.SizeBeforeInBytes, result.SizeAfterInBytes);
        }
        catch (Exception error) when (error.IsStorageFailure())
        {
            LogNotCompacted(error, log.Directory);
        }
    }

    private static void Replay(RecordBatchView batch, ArrayBufferWriter<byte> decompressed, ICoordinatorLogReader reader)
    {
        if (batch.IsControl)
        {
            if (ControlRecord.TryRead(batch, out ControlRecordType type))
                reader.OnMarker(batch.ProducerId, type == ControlRecordType.Commit);
            return;
        }

        ReadOnlySpan<byte> section = batch.RecordsSection;
        if (batch.Codec != CompressionCodec.None)
        {
            decompressed.ResetWrittenCount();
            RecordCompression.Decompress(batch.Codec, section, decompressed, Array.MaxLength);
            section = decompressed.WrittenSpan;
        }

        RecordReader records = new(section, batch.RecordCount);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            reader.OnRecord(
                record.Key, record.Value, record.HasValue, batch.BaseOffset + record.OffsetDelta,
                batch.IsTransactional ? batch.ProducerId : RecordBatchView.NoProducerId);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Compacted '{Directory}' from {Before} to {After} bytes.")]
    private partial void LogCompacted(string directory, long before, long after);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Directory}' could not be compacted; it is tried again when it has grown.")]
    private partial void LogNotCompacted(Exception error, string directory);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Directory}' is damaged; its coordinator refuses every request.")]
    private partial void LogFailed(Exception error, string directory);

    /// <summary>A batch being written. Write key and value, add the record, and so on; then complete it.</summary>
    internal ref struct CoordinatorAppend
    {
        private readonly CoordinatorLog _owner;
        private Lock.Scope _scope;

        internal CoordinatorAppend(CoordinatorLog owner, Lock.Scope scope)
        {
            _owner = owner;
            _scope = scope;
            owner._batch.Reset();
            owner._key.ResetWrittenCount();
            owner._value.ResetWrittenCount();
        }

        public readonly IBufferWriter<byte> Key => _owner._key;

        public readonly IBufferWriter<byte> Value => _owner._value;

        public readonly int RecordCount => _owner._batch.RecordCount;

        /// <summary>Adds a record of what was written to key and value.</summary>
        public readonly void Add() => Add(hasValue: true);

        /// <summary>Adds a record that deletes what was written to the key.</summary>
        public readonly void AddTombstone() => Add(hasValue: false);

        /// <summary>Appends the batch.</summary>
        /// <param name="producerId">The producer whose transaction the batch is part of; -1 for none.</param>
        /// <param name="producerEpoch">Its epoch.</param>
        /// <returns>The offset of the first record, and what to wait for.</returns>
        /// <exception cref="StorageException">Nothing was appended.</exception>
        public readonly (long FirstOffset, long NextOffset) Complete(long producerId = RecordBatchView.NoProducerId, short producerEpoch = -1)
        {
            bool isTransactional = producerId != RecordBatchView.NoProducerId;
            Memory<byte> batch = _owner._batch.Build(
                producerId: producerId, producerEpoch: producerEpoch,
                baseSequence: isTransactional ? 0 : RecordBatchView.NoSequence, isTransactional: isTransactional);
            LogAppendResult result = _owner.Append(batch.Span);
            return (result.FirstOffset, result.LastOffset + 1);
        }

        public void Dispose() => _scope.Dispose();

        private readonly void Add(bool hasValue)
        {
            _owner._batch.Append(_owner.NowMs, _owner._key.WrittenSpan, true, _owner._value.WrittenSpan, hasValue);
            _owner._key.ResetWrittenCount();
            _owner._value.ResetWrittenCount();
        }
    }
}
