using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Partitions;

/// <summary>The topics of a broker. Thread-safe: look-ups take no lock, changes are serial and survive a crash whole or not at all.</summary>
internal sealed class TopicRegistry : IAsyncDisposable
{
    /// <summary>The directory below the data directory that holds the partitions; nobody else puts anything there.</summary>
    public const string DirectoryName = "topics";

    private const int MaxPartitions = 100_000;

    private readonly PartitionEnvironment _environment;
    private readonly TopicCatalog _catalog;
    private readonly IReadOnlyDictionary<string, string> _brokerDefaults;
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Lock _versionGate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Topic[] _sorted = [];
    private long _version;
    private bool _isClosed;

    private TopicRegistry(BrokerContext context)
    {
        _environment = new PartitionEnvironment(context);
        _brokerDefaults = new Dictionary<string, string>(context.Options.TopicDefaults);
        _catalog = new TopicCatalog(context.FileSystem, context.PathOf(DirectoryName), context.Durability != Durability.Memory);
        foreach (CatalogEntry entry in _catalog.Open())
        {
            TopicSettings settings = TopicSettings.Create(_brokerDefaults, entry.Overrides);
            _topics[entry.Name] = new Topic(entry.Name, entry.Id, settings, Open(entry.Name, 0, entry.PartitionCount, settings, mustExist: true));
        }
        Announce();
    }

    /// <summary>Every topic, by name in ordinal order: a snapshot.</summary>
    public IReadOnlyList<Topic> Topics => _sorted;

    /// <summary>Grows with every topic created, deleted, extended or reconfigured.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>
    /// Asked, under the partition's lock, before the first batch of a producer's transaction is appended to a partition: anything but
    /// <see cref="LogErrorCode.None"/> refuses the batch. Must not block. The coordinator sets it; until then every transaction is open.
    /// A coordinator that ends a transaction answers <see cref="LogErrorCode.InvalidTransactionState"/> before it writes the markers.
    /// </summary>
    public Func<TopicPartition, long, short, LogErrorCode>? TransactionGate
    {
        get => _environment.TransactionGate;
        set => _environment.TransactionGate = value;
    }

    /// <summary>Told of topics that were deleted, after they are gone, before the deletion is answered.</summary>
    public event Action<Topic>? Deleted;

    /// <summary>Opens the topics of a data directory; a damaged partition is opened as one that refuses everything.</summary>
    /// <exception cref="StorageException">The list of topics is damaged or missing, or the data directory is broken.</exception>
    /// <exception cref="LogException">A default setting of the broker is not legal.</exception>
    public static TopicRegistry Open(BrokerContext context) => new(context);

    public Topic? Find(string name) => _topics.GetValueOrDefault(name);

    public Topic? Find(Guid id) => Array.Find(_sorted, topic => topic.Id == id);

    public Partition? Find(TopicPartition id) =>
        _topics.TryGetValue(id.Topic, out Topic? topic) && topic.Partitions is { } partitions && (uint)id.Partition < (uint)partitions.Count
            ? partitions[id.Partition]
            : null;

    /// <exception cref="LogException"><see cref="LogErrorCode.UnknownTopicOrPartition"/>.</exception>
    public Topic Get(string name) => Find(name) ?? throw Unknown(name);

    /// <exception cref="LogException"><see cref="LogErrorCode.UnknownTopicOrPartition"/>.</exception>
    public Partition Get(TopicPartition id) => Find(id) ?? throw (Find(id.Topic) is { } topic
        ? new LogException(LogErrorCode.UnknownTopicOrPartition, $"Topic '{topic.Name}' has partitions 0 to {topic.Partitions.Count - 1}, but not {id.Partition}.")
        : Unknown(id.Topic));

    /// <summary>Completes when <see cref="Version"/> is another than the one given.</summary>
    public async ValueTask WaitForChangeAsync(long version, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_versionGate)
            {
                if (_version != version) return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="LogException">The topic exists, or its name, a count or a setting is not legal.</exception>
    public ValueTask<Topic> CreateAsync(TopicSpecification specification, CancellationToken cancellationToken = default) =>
        ChangeAsync(() => Create(specification), cancellationToken);

    /// <exception cref="LogException">There is no such topic.</exception>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        Topic topic = await ChangeAsync(() => Delete(name), cancellationToken).ConfigureAwait(false);
        Deleted?.Invoke(topic);
    }

    /// <exception cref="LogException">There is no such topic, or the number is not larger than the present one.</exception>
    public async ValueTask AddPartitionsAsync(string name, int totalPartitions, CancellationToken cancellationToken = default) =>
        await ChangeAsync(() => AddPartitions(name, totalPartitions), cancellationToken).ConfigureAwait(false);

    /// <summary>Changes settings, all or none; null sets one back to its default.</summary>
    /// <exception cref="LogException">There is no such topic, or a setting is not legal.</exception>
    public async ValueTask AlterConfigurationAsync(
        string name, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default) =>
        await ChangeAsync(() => AlterConfiguration(name, changes), cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isClosed) return;
            _isClosed = true;
            foreach (Topic topic in _sorted)
            {
                foreach (Partition partition in topic.Partitions) await partition.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async ValueTask<Topic> ChangeAsync(Func<ValueTask<Topic>> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isClosed) throw new LogException(LogErrorCode.KafkaStorageError, "The broker was closed.");
            Topic topic = await change().ConfigureAwait(false);
            Announce();
            return topic;
        }
        catch (Exception error) when (error is IOException or StorageException)
        {
            throw new LogException(LogErrorCode.KafkaStorageError, $"The topics could not be changed: {error.Message}", error);
        }
        finally
        {
            _changing.Release();
        }
    }

    private ValueTask<Topic> Create(TopicSpecification specification)
    {
        ThrowIfIllegal(specification);
        TopicSettings settings = TopicSettings.Create(_brokerDefaults, specification.Configuration);
        Guid id = Guid.NewGuid();
        Partition[] partitions = CreatePartitions(specification.Name, 0, specification.Partitions, settings,
            Entries().Append(new CatalogEntry(specification.Name, id, specification.Partitions, settings.Overrides)));
        Topic topic = new(specification.Name, id, settings, partitions);
        _topics[topic.Name] = topic;
        return new ValueTask<Topic>(topic);
    }

    private async ValueTask<Topic> Delete(string name)
    {
        Topic topic = Get(name);
        _catalog.Write([.. Entries().Where(entry => entry.Name != name)]);
        _topics.TryRemove(name, out _);
        foreach (Partition partition in topic.Partitions)
        {
            await partition.RetireAsync().ConfigureAwait(false);
            _catalog.Remove(partition.Id);
        }
        return topic;
    }

    private ValueTask<Topic> AddPartitions(string name, int totalPartitions)
    {
        Topic topic = Get(name);
        int present = topic.Partitions.Count;
        if (totalPartitions <= present || totalPartitions > MaxPartitions)
        {
            throw new LogException(LogErrorCode.InvalidPartitions,
                $"Topic '{name}' has {present} partitions; {totalPartitions} is not more than that and at most {MaxPartitions}.");
        }
        topic.Extend(CreatePartitions(name, present, totalPartitions, topic.Settings,
            Entries().Select(entry => entry.Name == name ? entry with { PartitionCount = totalPartitions } : entry)));
        return new ValueTask<Topic>(topic);
    }

    private ValueTask<Topic> AlterConfiguration(string name, IReadOnlyDictionary<string, string?> changes)
    {
        Topic topic = Get(name);
        TopicSettings settings = topic.Settings.With(changes);
        _catalog.Write([.. Entries().Select(entry => entry.Name == name ? entry with { Overrides = settings.Overrides } : entry)]);
        topic.Apply(settings);
        return new ValueTask<Topic>(topic);
    }

    // The directories first, then the list that makes them partitions; where either fails, the directories go again.
    private Partition[] CreatePartitions(string topic, int first, int end, TopicSettings settings, IEnumerable<CatalogEntry> entries)
    {
        _catalog.BeginCreate([.. Entries()]);
        Partition[] partitions = [];
        try
        {
            partitions = Open(topic, first, end, settings, mustExist: false);
            if (Array.Find(partitions, partition => partition.Error is not null) is { } failed) throw new StorageException(failed.Error!);
            _catalog.Write([.. entries]);
            return partitions;
        }
        catch (Exception error) when (error is IOException or StorageException)
        {
            Undo(topic, first, end, partitions);
            throw;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "What cannot be removed now is not on the list and goes at the next start.")]
    private void Undo(string topic, int first, int end, Partition[] partitions)
    {
        try
        {
            foreach (Partition partition in partitions) partition.RetireAsync().AsTask().GetAwaiter().GetResult();
            for (int i = first; i < end; i++) _catalog.Remove(new TopicPartition(topic, i));
        }
        catch (Exception)
        {
            // The first failure is the one to report.
        }
    }

    private Partition[] Open(string topic, int first, int end, TopicSettings settings, bool mustExist)
    {
        Partition[] partitions = new Partition[end - first];
        for (int i = first; i < end; i++)
        {
            TopicPartition id = new(topic, i);
            partitions[i - first] = Partition.Open(_environment, id, _catalog.DirectoryOf(id), settings, mustExist);
        }
        return partitions;
    }

    private IEnumerable<CatalogEntry> Entries() =>
        _sorted.Select(topic => new CatalogEntry(topic.Name, topic.Id, topic.Partitions.Count, topic.Settings.Overrides));

    private void ThrowIfIllegal(TopicSpecification specification)
    {
        string name = specification.Name;
        if (TopicName.FindFault(name) is { } fault) throw new LogException(LogErrorCode.InvalidTopic, fault);
        if (TopicName.IsInternal(name)) throw new LogException(LogErrorCode.InvalidTopic, $"The broker keeps its own state under '{name}'; choose another name.");
        if (_topics.ContainsKey(name)) throw new LogException(LogErrorCode.TopicAlreadyExists, $"There is a topic '{name}' already.");
        if (Array.Find(_sorted, topic => TopicName.Collide(topic.Name, name)) is { } other)
            throw new LogException(LogErrorCode.InvalidTopic, $"'{name}' cannot be told from topic '{other.Name}' in metrics, where '.' and '_' are the same.");
        if (specification.Partitions is < 1 or > MaxPartitions)
            throw new LogException(LogErrorCode.InvalidPartitions, $"A topic has 1 to {MaxPartitions} partitions, not {specification.Partitions}.");
        if (specification.ReplicationFactor is not (1 or -1))
            throw new LogException(LogErrorCode.InvalidReplicationFactor, $"This broker keeps 1 replica, not {specification.ReplicationFactor}.");
    }

    private void Announce()
    {
        TaskCompletionSource changed;
        _sorted = [.. _topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal)];
        lock (_versionGate)
        {
            _version++;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    private static LogException Unknown(string name) => new(LogErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
}
