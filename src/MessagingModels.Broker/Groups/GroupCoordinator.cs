using System.Collections.Concurrent;
using MessagingModels.Broker.Partitions;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Groups;

/// <summary>
/// Coordinates all groups of the broker, in the Kafka protocol's terms. Thread-safe: serial per group, parallel across groups. Every
/// answer that promises something waits until the promise is durable. What a state decides shows in look-ups at once.
/// </summary>
internal sealed partial class GroupCoordinator : IAsyncDisposable
{
    /// <summary>The client host of members that live and die with the broker's process.</summary>
    public const string InProcessHost = "in-process";

    private readonly ConcurrentDictionary<string, GroupCell> _groups = new(StringComparer.Ordinal);
    private readonly GroupCoordinatorOptions _options;
    private readonly GroupStore _store;
    private readonly Func<TopicPartition, bool> _partitionExists;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _startTimestamp;
    private readonly ITimer _maintenance;
    private long _requests;
    private volatile bool _isClosed;

    private GroupCoordinator(
        GroupCoordinatorOptions options, GroupStore store, Func<TopicPartition, bool> partitionExists, TimeProvider time, ILogger logger)
    {
        _options = options;
        _store = store;
        _partitionExists = partitionExists;
        _time = time;
        _logger = logger;
        _startTimestamp = time.GetTimestamp();
        _maintenance = time.CreateTimer(
            static state => ((GroupCoordinator)state!).RunMaintenance(), this, options.MaintenanceInterval, options.MaintenanceInterval);
    }

    /// <summary>The damage for which the coordinator refuses every request; null while its log is sound.</summary>
    public StorageException? Failure => _store.Failure;

    private bool IsUnavailable => _isClosed || _store.Failure is not null;

    /// <summary>The time on a clock that is never set back.</summary>
    private TimeSpan Now => _time.GetElapsedTime(_startTimestamp);

    /// <summary>Opens the coordinator for the topics of the broker. Whoever deletes a topic calls <see cref="ForgetTopicAsync"/>.</summary>
    /// <exception cref="StorageException">The data directory is broken. A damaged offsets log only makes the coordinator refuse requests.</exception>
    public static GroupCoordinator Open(BrokerContext context, TopicRegistry topics)
        => Open(context, partition => topics.Find(partition) is not null);

    /// <summary>Opens the coordinator with the groups and offsets that were stored.</summary>
    /// <param name="context">The broker.</param>
    /// <param name="partitionExists">Whether offsets can be committed for a partition.</param>
    /// <exception cref="StorageException">The data directory is broken. A damaged offsets log only makes the coordinator refuse requests.</exception>
    public static GroupCoordinator Open(BrokerContext context, Func<TopicPartition, bool> partitionExists)
    {
        ILogger logger = context.Loggers.CreateLogger(typeof(GroupCoordinator).FullName!);
        GroupStore store = new(CoordinatorLog.Open(context, GroupStore.DirectoryName, logger), context.Time);
        GroupCoordinatorOptions options = GroupCoordinatorOptions.From(context.Options);
        GroupLoader loader = new(options);
        store.Replay(loader);
        GroupCoordinator coordinator = new(options, store, partitionExists, context.Time, logger);
        foreach (GroupCell cell in store.Failure is null ? loader.Load(coordinator.Now, store.NowMs) : [])
        {
            coordinator._groups[cell.GroupId] = cell;
            coordinator.Schedule(cell);
        }

        coordinator.IndexPendingTransactions();
        return coordinator;
    }

    /// <summary>Answers when the group's rebalance completes, or at once with an error.</summary>
    public ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request, CancellationToken cancellationToken)
    {
        if (request.GroupId.Length == 0)
            return new(JoinGroupResponse.Failed(LogErrorCode.InvalidGroupId, request.MemberId));
        string newMemberId = $"{request.GroupInstanceId ?? request.ClientId}-{Guid.NewGuid()}";
        long requestId = Interlocked.Increment(ref _requests);
        while (!IsUnavailable)
        {
            GroupCell cell = GetOrAdd(request.GroupId);
            Task<JoinGroupResponse> answer;
            Outcome outcome;
            lock (cell.Gate)
            {
                if (cell.State.Status == GroupStatus.Dead)
                    continue;
                answer = cell.ExpectJoin(requestId);
                cell.State.Join(request, requestId, newMemberId, Now, cell.Effects);
                outcome = Decide(cell);
            }

            Release(outcome);
            return new(answer.WaitAsync(cancellationToken));
        }

        return new(JoinGroupResponse.Failed(LogErrorCode.CoordinatorNotAvailable, request.MemberId));
    }

    /// <summary>Answers when the leader has sent the assignment.</summary>
    public ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
            return new(SyncGroupResponse.Failed(LogErrorCode.CoordinatorNotAvailable));
        if (!_groups.TryGetValue(request.GroupId, out GroupCell? cell))
            return new(SyncGroupResponse.Failed(LogErrorCode.UnknownMemberId));
        long requestId = Interlocked.Increment(ref _requests);
        Task<SyncGroupResponse> answer;
        Outcome outcome;
        lock (cell.Gate)
        {
            answer = cell.ExpectSync(requestId);
            cell.State.Sync(request, requestId, Now, cell.Effects);
            outcome = Decide(cell);
        }

        Release(outcome);
        return new(answer.WaitAsync(cancellationToken));
    }

    /// <summary>Keeps a member in its group; <see cref="LogErrorCode.RebalanceInProgress"/> asks it to rejoin.</summary>
    public LogErrorCode Heartbeat(string groupId, GroupCaller caller)
    {
        if (IsUnavailable)
            return LogErrorCode.CoordinatorNotAvailable;
        if (!_groups.TryGetValue(groupId, out GroupCell? cell))
            return LogErrorCode.UnknownMemberId;
        lock (cell.Gate) return cell.State.Heartbeat(caller, Now);
    }

    /// <summary>True while a rebalance of the group waits for members that have yet to join.</summary>
    public bool IsGathering(string groupId)
    {
        if (!_groups.TryGetValue(groupId, out GroupCell? cell))
            return false;
        lock (cell.Gate) return cell.State.Status == GroupStatus.PreparingRebalance;
    }

    /// <summary>Removes members; answers one code for each, in order.</summary>
    public async ValueTask<IReadOnlyList<LeftMember>> LeaveAsync(
        string groupId, IReadOnlyList<LeavingMember> members, CancellationToken cancellationToken)
    {
        LeftMember[] left = new LeftMember[members.Count];
        bool exists = _groups.TryGetValue(groupId, out GroupCell? cell) && !IsUnavailable;
        Outcome outcome = default;
        if (exists)
        {
            lock (cell!.Gate)
            {
                for (int i = 0; i < left.Length; i++)
                    left[i] = new(members[i].MemberId, members[i].GroupInstanceId, cell.State.Leave(members[i], Now, cell.Effects));
                outcome = Decide(cell);
            }

            await ReleaseAsync(outcome).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return left;
        }

        LogErrorCode error = IsUnavailable ? LogErrorCode.CoordinatorNotAvailable : LogErrorCode.UnknownMemberId;
        for (int i = 0; i < left.Length; i++) left[i] = new(members[i].MemberId, members[i].GroupInstanceId, error);
        return left;
    }

    /// <summary>Has a callback told that members must rejoin, or that a transaction has ended. It must not block. Dispose the result to end it.</summary>
    public IDisposable Watch(string groupId, Action onChange)
    {
        while (true)
        {
            GroupCell cell = GetOrAdd(groupId);
            lock (cell.Gate)
            {
                if (cell.State.Status == GroupStatus.Dead)
                    continue;
                cell.Watch(onChange);
                return new GroupWatch(cell, onChange);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _maintenance.DisposeAsync().ConfigureAwait(false);
        foreach (GroupCell cell in _groups.Values)
        {
            GroupAnswers answers;
            lock (cell.Gate)
            {
                cell.Timer?.Dispose();
                cell.State.Die(LogErrorCode.CoordinatorNotAvailable, cell.Effects);
                answers = cell.TakeAnswers();
                cell.Effects.Clear();
            }

            answers.Give();
        }

        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private GroupCell GetOrAdd(string groupId) => _groups.GetOrAdd(groupId, static (id, options) => new GroupCell(id, options), _options);

    /// <summary>What is left to do of a command once the group's lock is released.</summary>
    private readonly record struct Outcome(GroupCell Cell, GroupAnswers Answers, long WaitFor, bool StartsRebalance, bool HasFailed);

    /// <summary>Stores what a command has decided. Called under the group's lock, which puts the store in the order of the decisions.</summary>
    private Outcome Decide(GroupCell cell)
    {
        GroupEffects effects = cell.Effects;
        long waitFor = 0;
        bool hasFailed = false;
        if (effects.StoresMetadata)
        {
            cell.EmptySinceMs = cell.State.Status == GroupStatus.Empty ? _store.NowMs : null;
            try
            {
                waitFor = _store.StoreMetadata(cell.State);
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(error, cell.GroupId);
                hasFailed = true;
            }
        }

        Outcome outcome = new(cell, cell.TakeAnswers(), waitFor, effects.StartsRebalance, hasFailed);
        effects.Clear();
        if (cell.IsWorthless && cell.State.Generation == 0)
            Forget(cell);
        else
            Schedule(cell);
        return outcome;
    }

    private void Release(Outcome outcome)
    {
        ValueTask released = ReleaseAsync(outcome);
        if (!released.IsCompletedSuccessfully) _ = released.AsTask();
    }

    private async ValueTask ReleaseAsync(Outcome outcome)
    {
        if (outcome.StartsRebalance) outcome.Cell.NotifyWatchers();
        try
        {
            if (outcome.WaitFor > 0) await _store.WaitDurableAsync(outcome.WaitFor).ConfigureAwait(false);
        }
        catch (Exception error) when (error.IsStorageFailure())
        {
            LogNotStored(error, outcome.Cell.GroupId);
            outcome = outcome with { HasFailed = true };
        }

        if (outcome.HasFailed)
            outcome.Answers.Fail(LogErrorCode.KafkaStorageError);
        else
            outcome.Answers.Give();
    }

    /// <summary>Ends a group that nothing refers to. Called under its lock.</summary>
    private void Forget(GroupCell cell)
    {
        cell.State.Die(LogErrorCode.CoordinatorNotAvailable, cell.Effects);
        cell.Effects.Clear();
        cell.Timer?.Dispose();
        _groups.TryRemove(KeyValuePair.Create(cell.GroupId, cell));
    }

    private void Schedule(GroupCell cell)
    {
        TimeSpan next = cell.State.NextDeadline;
        if (next >= cell.TimerDue)
            return;
        cell.TimerDue = next;
        TimeSpan delay = next - Now;
        if (delay < TimeSpan.FromMilliseconds(1)) delay = TimeSpan.FromMilliseconds(1);
        // Timers take at most 49 days; one that fires early finds nothing due and is set again.
        if (delay > TimeSpan.FromDays(1)) delay = TimeSpan.FromDays(1);
        cell.Timer ??= _time.CreateTimer(
            static state => ((GroupTimer)state!).Fire(), new GroupTimer(this, cell), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        cell.Timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer(GroupCell cell)
    {
        Outcome outcome;
        lock (cell.Gate)
        {
            if (_isClosed || cell.State.Status == GroupStatus.Dead)
                return;
            cell.TimerDue = TimeSpan.MaxValue;
            cell.State.Tick(Now, cell.Effects);
            outcome = Decide(cell);
        }

        Release(outcome);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The state of group '{GroupId}' could not be stored; its members were told to try again.")]
    private partial void LogNotStored(Exception error, string groupId);

    private sealed record GroupTimer(GroupCoordinator Coordinator, GroupCell Cell)
    {
        public void Fire() => Coordinator.OnTimer(Cell);
    }

    private sealed class GroupWatch(GroupCell cell, Action onChange) : IDisposable
    {
        public void Dispose() => cell.Unwatch(onChange);
    }
}
