using System.Text.Json;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// The definitions of a virtual host on disk: a log of changes and a snapshot of all that came before it. A change is one append; a snapshot is
/// written when the changes outnumber what they amount to, and the log is cut behind it. One caller at a time.
/// <code>
/// definitions.snapshot    JSON, replaced as a whole
/// definitions-0/          a log with one JSON record a change
/// </code>
/// </summary>
internal sealed class DefinitionStore : IAsyncDisposable
{
    private const int MinChangesPerSnapshot = 1000;
    private const int ReadBytes = 1024 * 1024;

    private readonly string _virtualHost;
    private readonly CheckpointFile _snapshot;
    private readonly Log _changes;
    private readonly bool _mustFlush;
    private readonly TimeProvider _time;
    private readonly RecordBatchBuilder _builder = new();
    private readonly Dictionary<string, StoredDefinition> _current = new(StringComparer.Ordinal);

    private DefinitionStore(BrokerContext context, string directory, string virtualHost)
    {
        _virtualHost = virtualHost;
        _time = context.Time;
        _mustFlush = context.Durability == Durability.Fsync;
        context.FileSystem.CreateDirectory(directory);
        _snapshot = new CheckpointFile(context.FileSystem, SnapshotPath(directory));
        LogOptions options = new() { Durability = context.Durability, RetentionAge = null };
        _changes = Log.Open(context.Data, Path.Combine(directory, "definitions-0"), options, context.Time);
    }

    /// <summary>Everything defined, in the order in which it was first defined.</summary>
    public IReadOnlyCollection<StoredDefinition> Definitions => _current.Values;

    /// <summary>Opens the definitions in a directory; there are none where it is new.</summary>
    /// <exception cref="StorageException">What is stored there is damaged.</exception>
    public static DefinitionStore Open(BrokerContext context, string directory, string virtualHost)
    {
        DefinitionStore store = new(context, directory, virtualHost);
        store.Load();
        return store;
    }

    /// <summary>The name of the virtual host whose definitions are in a directory, or null where its creation was cut short.</summary>
    public static string? ReadName(IFileSystem fileSystem, string directory)
        => ReadSnapshot(new CheckpointFile(fileSystem, SnapshotPath(directory)))?.VirtualHost;

    /// <summary>Stores a change. Completes when it is as durable as the broker.</summary>
    /// <exception cref="StorageException">It could not be stored; nothing has changed.</exception>
    public async ValueTask AppendAsync(StoredDefinition change)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(change, StoredDefinitionsJson.Default.StoredDefinition);
        _builder.Reset();
        _builder.Append(_time.GetUtcNow().ToUnixTimeMilliseconds(), default, false, json, true);
        LogAppendResult at = _changes.Append(_builder.Build().Span);
        Apply(change);
        await _changes.WaitDurableAsync(at.LastOffset + 1);
        if (_changes.NextOffset - _changes.LogStartOffset > Math.Max(MinChangesPerSnapshot, _current.Count))
            WriteSnapshot();
    }

    public ValueTask DisposeAsync() => _changes.DisposeAsync();

    private static string SnapshotPath(string directory) => Path.Combine(directory, "definitions.snapshot");

    private static StoredSnapshot? ReadSnapshot(CheckpointFile file)
        => file.Read() is { } content ? JsonSerializer.Deserialize(content, StoredDefinitionsJson.Default.StoredSnapshot) : null;

    private void Load()
    {
        StoredSnapshot? snapshot = ReadSnapshot(_snapshot);
        if (snapshot is null)
            WriteSnapshot();
        foreach (StoredDefinition definition in snapshot?.Definitions ?? [])
            Apply(definition);
        long offset = Math.Max(snapshot?.NextOffset ?? 0, _changes.LogStartOffset);
        while (offset < _changes.NextOffset)
        {
            LogReadResult read = _changes.Read(offset, ReadBytes);
            Apply(read.Batches.Span);
            offset = read.NextOffset;
        }
    }

    private void Apply(ReadOnlySpan<byte> batches)
    {
        while (!batches.IsEmpty)
        {
            RecordBatchView batch = new(batches);
            RecordReader records = new(batch.RecordsSection, batch.RecordCount);
            while (records.MoveNext())
                Apply(JsonSerializer.Deserialize(records.Current.Value, StoredDefinitionsJson.Default.StoredDefinition)!);
            batches = batches[batch.SizeInBytes..];
        }
    }

    private void Apply(StoredDefinition change)
    {
        if (change.Removed)
            _current.Remove(change.Key);
        else
            _current[change.Key] = change;
    }

    private void WriteSnapshot()
    {
        StoredSnapshot snapshot = new(_virtualHost, _changes.NextOffset, [.. _current.Values]);
        _snapshot.Write(JsonSerializer.SerializeToUtf8Bytes(snapshot, StoredDefinitionsJson.Default.StoredSnapshot), _mustFlush);
        _changes.DeleteBefore(snapshot.NextOffset);
    }
}
