using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Consuming;

// Everything here runs on the consumer's thread, the handlers within the library's calls.
internal sealed partial class KafkaConsumer
{
    /// <summary>
    /// How long a new subscriber waits, beside the time between two heartbeats, for members that have not finished what they read: they learn of
    /// the rebalance by their next heartbeat. Their partitions come with a later read.
    /// </summary>
    private static readonly TimeSpan OthersWait = TimeSpan.FromMilliseconds(500);

    private CancellationToken _reading;
    private ExceptionDispatchInfo? _listenerFault;
    private Task<IReadOnlyList<string>>? _listing;
    private long _listedAt;
    private int _assignments;
    private int _rebalances;
    private bool _hasStarting;

    private async ValueTask SubscribeAsync(SubscribedTopics topics, IRebalanceListener? listener, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        string groupId = RequireGroup();
        await _thread.RunAsync(() => Subscribe(topics, listener, groupId, cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Subscribe(SubscribedTopics topics, IRebalanceListener? listener, string groupId, CancellationToken cancellationToken)
    {
        if (_subscription is null && _partitions.Ids.Length > 0)
            throw new InvalidOperationException("The consumer has partitions by AssignAsync; assign none before subscribing.");
        IConsumer<byte[]?, byte[]?> client = RequireClient();
        IReadOnlyList<string> names = _thread.RunUntil(topics.ListAsync(cancellationToken));
        bool isNew = _subscription is not { } before || !before.Names.ToHashSet(StringComparer.Ordinal).SetEquals(names);
        topics.Names = names;
        _subscription = topics;
        _listener = listener;
        _listedAt = _lastAutoCommit = TimeProvider.System.GetTimestamp();
        _listing = null;
        _fault = null;
        int assignments = _assignments;
        SubscribeTo(client, names);
        if (isNew && _thread.RunUntil(topics.AnyExistsAsync(cancellationToken)))
            AwaitAssignment(groupId, assignments, cancellationToken);
    }

    /// <summary>The library has no subscription to nothing; its consumer then just stays outside of the group.</summary>
    private static void SubscribeTo(IConsumer<byte[]?, byte[]?> client, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
            client.Subscribe(names);
        else
            client.Unsubscribe();
    }

    private void AwaitAssignment(string groupId, int assignments, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp(), askedAt = begin;
        Task<bool>? waitsForOthers = null;
        while (_assignments == assignments && !cancellationToken.IsCancellationRequested
            && TimeProvider.System.GetElapsedTime(begin) < _kafka.FirstAssignmentTimeout)
        {
            TryConsume(SliceMs, cancellationToken);
            Attend();
            _thread.RunQueued();
            if (waitsForOthers is { IsCompleted: true })
            {
                if (waitsForOthers.IsCompletedSuccessfully && waitsForOthers.Result)
                    return;
                waitsForOthers = null;
                askedAt = TimeProvider.System.GetTimestamp();
            }
            else if (waitsForOthers is null && TimeProvider.System.GetElapsedTime(askedAt) >= OthersWait + Options.HeartbeatInterval)
            {
                waitsForOthers = _lookups.WaitsForOthersAsync(groupId, RequireClient().MemberId, cancellationToken);
            }
        }
    }

    /// <summary>Lists the topics of a pattern again where that is due, beside the reads.</summary>
    private void RefreshSubscription()
    {
        if (_subscription is not { IsPattern: true } subscription || _client is not { } client)
            return;
        if (_listing is { IsCompleted: true } listed)
        {
            _listing = null;
            _listedAt = TimeProvider.System.GetTimestamp();
            if (!listed.IsCompletedSuccessfully)
            {
                KafkaLog.TopicsUnknown(_logger, listed.Exception!.InnerException!);
            }
            else if (!listed.Result.SequenceEqual(subscription.Names))
            {
                subscription.Names = listed.Result;
                SubscribeTo(client, listed.Result);
            }
        }
        else if (_listing is null && TimeProvider.System.GetElapsedTime(_listedAt) >= _kafka.MetadataRefreshInterval)
        {
            _listing = subscription.ListAsync(CancellationToken.None);
        }
    }

    private List<Client.TopicPartitionOffset> OnAssigned(List<Client.TopicPartition> assigned)
    {
        _rebalances++;
        TopicPartition[] added = [.. assigned.Select(ToApi)];
        IReadOnlyDictionary<TopicPartition, long> starts = FindStarts(added);
        ConsumedPartition[] partitions =
            [.. added.Select(p => new ConsumedPartition(p, starts.GetValueOrDefault(p, ConsumedPartition.Unknown)) { IsStarting = true })];
        foreach (ConsumedPartition partition in partitions)
            _partitions.Add(partition);
        _hasStarting = true;
        Tell((listener, token) => listener.OnAssignedAsync(this, added, token));
        _assignments++;
        return [.. partitions.Select(p => new Client.TopicPartitionOffset(p.ClientId, StartOf(p)))];
    }

    private void OnRevoked(List<Client.TopicPartitionOffset> partitions)
    {
        _rebalances++;
        TopicPartition[] revoked = [.. partitions.Select(p => ToApi(p.TopicPartition)).Where(p => _partitions.Find(p) is not null)];
        if (revoked.Length == 0)
            return;
        if (_client is { MemberId: null or "" })
        {
            // A rebalance that began before the member was dropped: by now the group has gone on without it.
            OnLost(partitions);
            return;
        }

        CommitWhatWasRead([.. revoked.Select(_partitions.Get)]);
        Tell((listener, token) => listener.OnRevokedAsync(this, revoked, token));
        _partitions.Remove(revoked);
    }

    private void OnLost(List<Client.TopicPartitionOffset> partitions)
    {
        _rebalances++;
        TopicPartition[] lost = _partitions.Remove(partitions.Select(p => ToApi(p.TopicPartition)));
        if (lost.Length > 0)
            Tell((listener, token) => listener.OnLostAsync(this, lost, token));
    }

    /// <summary>Calls the listener, and meanwhile does what it asks of the consumer. What it throws, the read that called throws.</summary>
    private void Tell(Func<IRebalanceListener, CancellationToken, ValueTask> call)
    {
        if (_listener is not { } listener)
            return;
        CancellationToken reading = _reading;
        try
        {
            _thread.RunUntil(Task.Run(() => call(listener, reading).AsTask(), CancellationToken.None));
        }
        catch (Exception exception)
        {
            // Not through the library's own frames: it is thrown once its call has returned.
            _listenerFault ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void ThrowListenerFault()
    {
        if (Interlocked.Exchange(ref _listenerFault, null) is { } fault)
            fault.Throw();
    }

    private IReadOnlyDictionary<TopicPartition, long> FindStarts(TopicPartition[] partitions)
    {
        try
        {
            return _thread.RunUntil(_lookups.StartPositionsAsync(Options, partitions, CancellationToken.None));
        }
        catch (LogException unknown)
        {
            KafkaLog.PositionsUnknown(_logger, unknown, partitions.Length);
            return new Dictionary<TopicPartition, long>();
        }
    }

    /// <summary>Pauses what a listener paused before the library had the assignment.</summary>
    private void PauseWhatStarted(IConsumer<byte[]?, byte[]?> client)
    {
        if (!_hasStarting)
            return;
        _hasStarting = false;
        foreach (ConsumedPartition partition in _partitions.All.Where(p => p.IsStarting))
        {
            partition.IsStarting = false;
            if (partition.IsPaused)
                client.Pause([partition.ClientId]);
        }
    }

    /// <summary>Where the library is to start. Without a position it waits at the end: reading fails before it could hand anything out.</summary>
    private static Client.Offset StartOf(ConsumedPartition partition) => partition.Position switch
    {
        ConsumedPartition.NoPosition => Client.Offset.End,
        ConsumedPartition.Unknown => Client.Offset.Unset,
        long position => new Client.Offset(position),
    };

    private static TopicPartition ToApi(Client.TopicPartition partition) => new(partition.Topic, partition.Partition.Value);
}
