using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Embedded.Consumers;

internal sealed partial class EmbeddedConsumer
{
    /// <summary>How long a new subscriber waits for members that have not finished what they read; their partitions come with a later read.</summary>
    private static readonly TimeSpan FirstAssignmentWait = TimeSpan.FromMilliseconds(250);

    private Func<string[]>? _subscription;
    private IRebalanceListener? _listener;
    private string[] _subscribedTopics = [];
    private int _subscribedPartitions;
    private long _topicsVersion;
    private CancellationTokenSource? _leaving;
    private Task<RebalanceResult>? _joining;
    private ITimer? _heartbeats;
    private IDisposable? _groupWatch;
    private bool _mustRejoin;
    private long _lastAutoCommit;
    private long _readsSeen;
    private long _lastReadAt;
    private volatile bool _needsAttention;
    private volatile bool _isWaiting;
    private long _reads;

    private async ValueTask SubscribeAsync(Func<string[]> subscription, IRebalanceListener? listener, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RequireGroup();
        if (_subscription is null && _assigned.Count > 0)
            throw new InvalidOperationException("The consumer has partitions by AssignAsync; assign none before subscribing.");
        _subscription = subscription;
        _listener = listener;
        _mustRejoin = true;
        _topicsVersion = -1;
        _lastAutoCommit = _lastReadAt = _time.GetTimestamp();
        _leaving ??= new CancellationTokenSource();
        _groupWatch ??= _groups.Watch(Options.GroupId!, RequireAttention);
        _heartbeats ??= _time.CreateTimer(
            static state => ((EmbeddedConsumer)state!).OnHeartbeat(), this, Options.HeartbeatInterval, Options.HeartbeatInterval);
        await AttendAsync(cancellationToken).ConfigureAwait(false);
        if (_joining is { } joining)
        {
            // The broker answers as soon as it is able to, however busy the machine; other members may take as long as they like.
            do
            {
                await Task.WhenAny(joining, Task.Delay(FirstAssignmentWait, TimeProvider.System, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            while (!joining.IsCompleted && !_groups.IsGathering(Options.GroupId!));
            await AttendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Does what is due between reads: takes an assignment up, rejoins, commits.</summary>
    private async ValueTask AttendAsync(CancellationToken cancellationToken)
    {
        if (_subscription is null)
            return;
        _needsAttention = false;
        if (_joining is null)
        {
            await HandleHeartbeatAsync(_member!.Heartbeat(), cancellationToken).ConfigureAwait(false);
            CheckTopics();
        }

        if (_joining is { IsCompleted: true } joined)
        {
            _joining = null;
            await TakeUpAsync(await joined.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        if (_mustRejoin && _joining is null)
            await BeginJoinAsync(cancellationToken).ConfigureAwait(false);
        if (Options.AutoCommit && _time.GetElapsedTime(_lastAutoCommit) >= Options.AutoCommitInterval)
        {
            _lastAutoCommit = _time.GetTimestamp();
            await AutoCommitAsync([.. _assigned.Values], cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask HandleHeartbeatAsync(LogErrorCode error, CancellationToken cancellationToken)
    {
        switch (error)
        {
            case LogErrorCode.None:
                break;
            case LogErrorCode.RebalanceInProgress:
                _mustRejoin = true;
                break;
            case LogErrorCode.UnknownMemberId or LogErrorCode.IllegalGeneration:
                _member!.Reset(error);
                _mustRejoin = true;
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                break;
            default:
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                throw error.ToException($"Group '{Options.GroupId}'", _groups.Failure);
        }
    }

    /// <summary>A leader sees to it that new partitions are dealt out; a member by pattern that new topics are asked for.</summary>
    private void CheckTopics()
    {
        long version = _topics.Version;
        if (version == _topicsVersion)
            return;
        _topicsVersion = version;
        string[] topics = _subscription!();
        if (!topics.SequenceEqual(_subscribedTopics) || (_member!.IsLeader && CountPartitions(topics) != _subscribedPartitions))
            _mustRejoin = true;
    }

    private int CountPartitions(string[] topics) => topics.Sum(t => _topics.Find(t)?.Partitions.Count ?? 0);

    private async ValueTask BeginJoinAsync(CancellationToken cancellationToken)
    {
        _mustRejoin = false;
        TopicPartition[] owned = [.. _assigned.Keys];
        if (!_member!.IsCooperative && owned.Length > 0)
            await RevokeAsync(owned, cancellationToken).ConfigureAwait(false);
        _topicsVersion = _topics.Version;
        _subscribedTopics = _subscription!();
        _subscribedPartitions = CountPartitions(_subscribedTopics);
        _joining = _member.JoinAsync(_subscribedTopics, owned, _leaving!.Token);
        _ = _joining.ContinueWith(
            static (_, state) => ((EmbeddedConsumer)state!).RequireAttention(),
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (_joining.IsCompleted)
        {
            Task<RebalanceResult> joined = _joining;
            _joining = null;
            await TakeUpAsync(await joined.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask TakeUpAsync(RebalanceResult result, CancellationToken cancellationToken)
    {
        result.Error.ThrowIfFailed($"Group '{Options.GroupId}'", _groups.Failure);
        TopicPartition[] revoked = [.. _assigned.Keys.Except(result.Assignment)];
        TopicPartition[] added = [.. result.Assignment.Except(_assigned.Keys)];
        if (revoked.Length > 0)
        {
            await RevokeAsync(revoked, cancellationToken).ConfigureAwait(false);

            // Others wait for what was let go: the next rebalance gives it to them (KIP-429).
            _mustRejoin = true;
        }

        await AddAsync(added, cancellationToken).ConfigureAwait(false);
        if (_listener is not null)
            await _listener.OnAssignedAsync(this, added, cancellationToken).ConfigureAwait(false);
        if (_mustRejoin)
            await BeginJoinAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RevokeAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        await AutoCommitAsync([.. partitions.Select(Get)], cancellationToken).ConfigureAwait(false);
        if (_listener is not null)
            await _listener.OnRevokedAsync(this, partitions, cancellationToken).ConfigureAwait(false);
        Remove(partitions);
    }

    private async ValueTask LoseAsync(CancellationToken cancellationToken)
    {
        TopicPartition[] lost = [.. _assigned.Keys];
        Remove(lost);
        if (lost.Length > 0 && _listener is not null)
            await _listener.OnLostAsync(this, lost, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask EndSubscriptionAsync(CancellationToken cancellationToken)
    {
        if (_subscription is null)
            return;
        if (_heartbeats is not null)
            await _heartbeats.DisposeAsync().ConfigureAwait(false);
        _heartbeats = null;
        _groupWatch?.Dispose();
        _groupWatch = null;
        try
        {
            if (_assigned.Count > 0)
                await RevokeAsync([.. _assigned.Keys], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _leaving!.CancelAsync().ConfigureAwait(false);
            if (_joining is not null)
                await ((Task)_joining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _joining = null;
            _subscription = null;
            _leaving.Dispose();
            _leaving = null;
            await _member!.LeaveAsync().ConfigureAwait(false);
            _member.Reset(LogErrorCode.IllegalGeneration);
        }
    }

    /// <summary>
    /// Called by the timer: keeps the member in its group while its reader reads, and takes it out when it stopped reading. What the group answers
    /// here may be over before the reader hears of it, or be about a generation that it has left behind: the reader is only made to ask for itself.
    /// </summary>
    private void OnHeartbeat()
    {
        long reads = Volatile.Read(ref _reads), now = _time.GetTimestamp();
        if (reads != _readsSeen || _isWaiting)
        {
            _readsSeen = reads;
            _lastReadAt = now;
        }

        GroupCaller caller = _member!.Caller;
        if (caller.Generation < 0 || _joining is { IsCompleted: false })
            return;
        if (_time.GetElapsedTime(_lastReadAt, now) > Options.MaxPollInterval)
            _ = _member.TakeOutAsync(caller).AsTask();
        if (_member.Heartbeat() != LogErrorCode.None)
            RequireAttention();
    }

    private void RequireAttention()
    {
        _needsAttention = true;
        _signal.Set();
    }
}
