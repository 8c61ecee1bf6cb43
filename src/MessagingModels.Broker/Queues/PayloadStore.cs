using System.Globalization;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// Bodies that several durable queues of a virtual host hold: written once, their queues' records hold a reference. Thread-safe.
/// The store is a row of logs, one record a body; a log is deleted when none of its bodies is referenced any more.
/// References are counted per log and in memory, and counted anew from the queues when these are opened.
/// </summary>
internal sealed class PayloadStore : IAsyncDisposable
{
    /// <summary>Bodies below this are not worth a reference: each queue stores them itself.</summary>
    public const int ThresholdBytes = 4 * 1024;

    private readonly DataDirectory _data;
    private readonly string _directory;
    private readonly LogOptions _options;
    private readonly int _logBytes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PayloadLog> _logs = [];
    private readonly RecordBatchBuilder _builder = new();
    private PayloadLog? _active;
    private int _lastNumber;
    private bool _isRecovered;

    private PayloadStore(DataDirectory data, string directory, Durability durability, int logBytes, TimeProvider time, ILogger logger)
    {
        _data = data;
        _directory = directory;
        _logBytes = logBytes;
        _options = new LogOptions { Durability = durability, RetentionAge = null };
        _time = time;
        _logger = logger;
    }

    /// <summary>Opens the store with what earlier runs left. <see cref="AddReference"/> for every message that the queues hold
    /// follows, then <see cref="CompleteRecovery"/>.</summary>
    public static PayloadStore Open(
        DataDirectory data, string directory, Durability durability, TimeProvider time, ILogger logger, int logBytes = 64 * 1024 * 1024)
    {
        PayloadStore store = new(data, directory, durability, logBytes, time, logger);
        data.FileSystem.CreateDirectory(directory);
        foreach (string name in data.FileSystem.EnumerateDirectories(directory))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            store._lastNumber = Math.Max(store._lastNumber, number);
            store._logs.Add(number, store.OpenLog(number));
        }

        return store;
    }

    /// <summary>Writes a body for several queues to refer to. The caller hands one reference to each of them, in <see cref="Message.Payload"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="references">How many queues get it.</param>
    /// <returns>Its place, or none where it is not worth it or the store cannot take it: then each queue stores the body itself.</returns>
    public PayloadReference Share(ReadOnlySpan<byte> body, int references)
    {
        if (body.Length < ThresholdBytes || references < 2)
            return default;
        lock (_gate)
        {
            try
            {
                if (_active is null || _active.Log!.SizeInBytes >= _logBytes)
                    Roll();
                _builder.Reset();
                _builder.Append(_time.GetUtcNow().ToUnixTimeMilliseconds(), default, false, body, true);
                LogAppendResult at = _active!.Log!.Append(_builder.Build().Span);
                _active.References += references;
                return new PayloadReference(_active.Number, at.FirstOffset);
            }
            catch (Exception error) when (error is StorageException or IOException)
            {
                return default;
            }
        }
    }

    /// <summary>Counts a reference that a queue holds from an earlier run.</summary>
    public void AddReference(PayloadReference reference)
    {
        lock (_gate)
        {
            if (_logs.TryGetValue(reference.LogNumber, out PayloadLog? log))
                log.References++;
        }
    }

    /// <summary>Gives a reference back: its queue is done with the message.</summary>
    public void Release(PayloadReference reference)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(reference.LogNumber, out PayloadLog? log))
                return;
            log.References--;
            if (log.References <= 0 && log != _active && _isRecovered)
                Delete(log);
        }
    }

    /// <summary>All queues are open: what none of them refers to is deleted.</summary>
    public void CompleteRecovery()
    {
        lock (_gate)
        {
            _isRecovered = true;
            foreach (PayloadLog log in _logs.Values.Where(log => log.References <= 0 && log != _active).ToArray())
                Delete(log);
        }
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="StorageException">It is not there, or its log is damaged.</exception>
    public ReadOnlyMemory<byte> Read(PayloadReference reference)
    {
        Log log = Find(reference);
        LogReadResult read = log.Read(reference.Offset, 1, reference.Offset + 1);
        if (read.Batches.IsEmpty || read.BaseOffset != reference.Offset)
            throw new StorageException($"The shared body at {reference} is not in '{log.Directory}'.");
        ReadOnlyMemory<byte> section = read.Batches[RecordBatchLayout.HeaderSizeInBytes..];
        RecordReader records = new(section.Span, 1);
        records.MoveNext();
        return records.Current.ValueRange.Of(section);
    }

    /// <summary>Completes once a body is as durable as the store.</summary>
    public ValueTask WaitDurableAsync(PayloadReference reference) => Find(reference).WaitDurableAsync(reference.Offset + 1);

    public async ValueTask DisposeAsync()
    {
        PayloadLog[] logs;
        lock (_gate)
        {
            logs = [.. _logs.Values];
            _logs.Clear();
            _active = null;
        }

        foreach (PayloadLog log in logs)
        {
            if (log.Log is not null)
                await log.Log.DisposeAsync();
        }
    }

    private Log Find(PayloadReference reference)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(reference.LogNumber, out PayloadLog? log))
                throw new StorageException($"The shared body at {reference} is gone: '{PathOf(reference.LogNumber)}' does not exist.");
            return log.Log ?? throw log.Failure!;
        }
    }

    // A log from an earlier run is never written again: its end may be what a crash left.
    private void Roll()
    {
        PayloadLog? previous = _active;
        _active = new PayloadLog(_lastNumber + 1, Log.Open(_data, PathOf(_lastNumber + 1), _options, _time, _logger), null);
        _lastNumber++;
        _logs.Add(_active.Number, _active);
        if (previous is { References: <= 0 } && _isRecovered)
            Delete(previous);
    }

    private PayloadLog OpenLog(int number)
    {
        try
        {
            return new PayloadLog(number, Log.Open(_data, PathOf(number), _options, _time, _logger), null);
        }
        catch (LogCorruptedException error)
        {
            return new PayloadLog(number, null, error);
        }
    }

    // A damaged log stays for whoever repairs it. One that cannot be deleted now is found unreferenced at the next start.
    private void Delete(PayloadLog log)
    {
        if (log.Log is null)
            return;
        _logs.Remove(log.Number);
        try
        {
            log.Log.Delete();
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            QueueEvents.PayloadsNotDeleted(_logger, log.Log.Directory, error);
        }
    }

    private string PathOf(int number) => Path.Combine(_directory, number.ToString("D10", CultureInfo.InvariantCulture));

    private sealed class PayloadLog(int number, Log? log, StorageException? failure)
    {
        public int Number { get; } = number;

        public Log? Log { get; } = log;

        public StorageException? Failure { get; } = failure;

        public long References { get; set; }
    }
}
