using System.Text.RegularExpressions;
using Confluent.Kafka;
using MessagingModels.Kafka.Administration;
using MessagingModels.Kafka.Clients;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Kafka.Consuming;

/// <summary>
/// A consumer over the library's. All its calls are made by one thread, and reads only while the caller reads: so rebalances take effect
/// within reads, a member that stops reading leaves its group, and nothing of a partition is handed out after it was revoked.
/// </summary>
internal sealed partial class KafkaConsumer : ILogConsumer
{
    private readonly KafkaOptions _kafka;
    private readonly ConsumerLookups _lookups;
    private readonly ILogger _logger;
    private readonly ClientThread _thread;
    private readonly ConsumedPartitions _partitions = new();
    private readonly Dictionary<string, string> _settings;
    private IConsumer<byte[]?, byte[]?>? _client;
    private ClientEvents _events;
    private SubscribedTopics? _subscription;
    private IRebalanceListener? _listener;
    private int _isDisposed;

    /// <exception cref="ArgumentException">Two settings contradict each other, or the library refuses one.</exception>
    /// <exception cref="NotSupportedException">An assignment strategy is not Kafka's.</exception>
    public KafkaConsumer(KafkaOptions kafka, ConsumerOptions options, ConsumerLookups lookups, ILogger logger)
    {
        foreach (string strategy in options.AssignmentStrategies)
        {
            if (strategy == AssignmentStrategy.Sticky)
                KafkaCapabilities.All.Demand(LogFeature.StickyAssignment);
            else if (strategy is not (AssignmentStrategy.Range or AssignmentStrategy.RoundRobin or AssignmentStrategy.CooperativeSticky))
                KafkaCapabilities.All.Demand(LogFeature.OwnGroupAssignors);
        }

        _settings = ClientSettings.ForConsumer(kafka, options);
        Options = options;
        _kafka = kafka;
        _lookups = lookups;
        _logger = logger;
        _events = new ClientEvents(logger, $"Consumer '{options.ClientId}'");
        _client = Build();
        _thread = new ClientThread($"Kafka consumer {options.ClientId}", owner: this);
    }

    public ConsumerOptions Options { get; }

    public IReadOnlyCollection<TopicPartition> Assignment => _partitions.Ids;

    public GroupMembership Membership
    {
        get
        {
            if (Options.GroupId is not { } groupId)
                return new GroupMembership("", "", -1, null);
            return _subscription is not null && _client is { } client
                ? GroupMetadata.FromClient(client.ConsumerGroupMetadata)
                : new GroupMembership(groupId, "", -1, Options.GroupInstanceId);
        }
    }

    public ValueTask SubscribeAsync(
        IReadOnlyCollection<string> topics, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        return SubscribeAsync(SubscribedTopics.Named(topics, _lookups.Topics), listener, cancellationToken);
    }

    public ValueTask SubscribeAsync(Regex pattern, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return SubscribeAsync(SubscribedTopics.Matching(pattern, _lookups.Topics), listener, cancellationToken);
    }

    public async ValueTask AssignAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        TopicPartition[] all = [.. partitions.Distinct()];
        await _thread.RunAsync(() => Assign(all, cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        await _thread.RunAsync(Close).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private IConsumer<byte[]?, byte[]?> Build()
    {
        ClientEvents events = _events = new ClientEvents(_logger, $"Consumer '{Options.ClientId}'");
        return ClusterAdmin.BuildWith(new ConsumerBuilder<byte[]?, byte[]?>(_settings)
            .SetPartitionsAssignedHandler((_, added) => OnAssigned(added))
            .SetPartitionsRevokedHandler((_, revoked) => OnRevoked(revoked))
            .SetPartitionsLostHandler((_, lost) => OnLost(lost))
            .SetErrorHandler((_, error) => events.OnError(error))
            .SetLogHandler((_, line) => events.OnLog(line))
            .Build);
    }

    /// <summary>The library's consumer; another one after it was closed. On the consumer's thread.</summary>
    private IConsumer<byte[]?, byte[]?> RequireClient()
    {
        if (_client is { } client)
            return client;
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return _client = Build();
    }

    private void Assign(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        if (_subscription is not null)
            throw new InvalidOperationException("The consumer is subscribed; unsubscribe before assigning partitions.");
        IConsumer<byte[]?, byte[]?> client = RequireClient();
        TopicPartition[] added = [.. partitions.Where(p => _partitions.Find(p) is null)];
        IReadOnlyDictionary<TopicPartition, long> starts = _thread.RunUntil(FindStartsAsync(added, cancellationToken));
        _partitions.Remove(_partitions.Ids.Except(partitions));
        foreach ((TopicPartition id, long start) in starts)
            _partitions.Add(new ConsumedPartition(id, start));
        if (partitions.Length == 0)
        {
            client.Unassign();
            return;
        }

        // The library begins anew in all of them: what is buffered would come twice.
        ConsumedPartition[] all = _partitions.All;
        foreach (ConsumedPartition partition in all)
            _partitions.SetPosition(partition, partition.Position);
        client.Assign(all.Select(p => new Client.TopicPartitionOffset(p.ClientId, StartOf(p))));
        foreach (ConsumedPartition partition in all.Where(p => p.IsPaused))
            client.Pause([partition.ClientId]);
    }

    /// <summary>The start positions of partitions that exist.</summary>
    /// <exception cref="LogException">One does not.</exception>
    private async Task<IReadOnlyDictionary<TopicPartition, long>> FindStartsAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        foreach (IGrouping<string, TopicPartition> topic in partitions.GroupBy(p => p.Topic, StringComparer.Ordinal))
        {
            int count = (await _lookups.Topics.FindAsync(topic.Key, cancellationToken).ConfigureAwait(false))?.Partitions.Count ?? 0;
            foreach (TopicPartition partition in topic.Where(p => (uint)p.Partition >= (uint)count))
                throw new LogException(LogErrorCode.UnknownTopicOrPartition, $"There is no partition {partition}; create the topic first.");
        }

        return await _lookups.StartPositionsAsync(Options, partitions, cancellationToken).ConfigureAwait(false);
    }
}
