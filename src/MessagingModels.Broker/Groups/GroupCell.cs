namespace MessagingModels.Broker.Groups;

/// <summary>A group with what the coordinator keeps about it. Everything is read and changed under <see cref="Gate"/>.</summary>
internal sealed class GroupCell(string groupId, GroupCoordinatorOptions options, GroupOffsets? offsets = null)
{
    private readonly Dictionary<long, TaskCompletionSource<JoinGroupResponse>> _joins = [];
    private readonly Dictionary<long, TaskCompletionSource<SyncGroupResponse>> _syncs = [];
    private Action[] _watchers = [];

    public Lock Gate { get; } = new();

    public string GroupId { get; } = groupId;

    public GroupState State { get; } = new(groupId, options);

    public GroupOffsets Offsets { get; } = offsets ?? new();

    public GroupEffects Effects { get; } = new();

    /// <summary>When the group lost its last member: milliseconds since 1970; null where it has members or never had any.</summary>
    public long? EmptySinceMs { get; set; }

    public ITimer? Timer { get; set; }

    /// <summary>When the timer fires, on the coordinator's clock.</summary>
    public TimeSpan TimerDue { get; set; } = TimeSpan.MaxValue;

    /// <summary>True where nothing would be lost with the group.</summary>
    public bool IsWorthless => State.Status == GroupStatus.Empty && State.HasNoMembers && Offsets.IsEmpty && _watchers.Length == 0;

    public Task<JoinGroupResponse> ExpectJoin(long request) => Expect(_joins, request);

    public Task<SyncGroupResponse> ExpectSync(long request) => Expect(_syncs, request);

    /// <summary>Takes the answers out of the effects, to be given once they are durable.</summary>
    public GroupAnswers TakeAnswers()
    {
        if (!Effects.HasAnswers)
            return default;
        GroupAnswers answers = new([], []);
        foreach ((long request, JoinGroupResponse response) in Effects.Joins)
        {
            if (_joins.Remove(request, out TaskCompletionSource<JoinGroupResponse>? waiting)) answers.Joins.Add((waiting, response));
        }

        foreach ((long request, SyncGroupResponse response) in Effects.Syncs)
        {
            if (_syncs.Remove(request, out TaskCompletionSource<SyncGroupResponse>? waiting)) answers.Syncs.Add((waiting, response));
        }

        return answers;
    }

    public void Watch(Action onChange)
    {
        lock (Gate) _watchers = [.. _watchers, onChange];
    }

    public void Unwatch(Action onChange)
    {
        lock (Gate) _watchers = Array.FindAll(_watchers, watcher => watcher != onChange);
    }

    /// <summary>Tells the watchers; they must not block.</summary>
    public void NotifyWatchers()
    {
        foreach (Action watcher in Volatile.Read(ref _watchers)) watcher();
    }

    private static Task<T> Expect<T>(Dictionary<long, TaskCompletionSource<T>> waiting, long request)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add(request, answer);
        return answer.Task;
    }
}

/// <summary>Answers that are decided but not yet given. The default is none.</summary>
internal readonly record struct GroupAnswers(
    List<(TaskCompletionSource<JoinGroupResponse> Waiting, JoinGroupResponse Response)> Joins,
    List<(TaskCompletionSource<SyncGroupResponse> Waiting, SyncGroupResponse Response)> Syncs)
{
    public void Give()
    {
        if (Joins is null)
            return;
        foreach ((TaskCompletionSource<JoinGroupResponse> waiting, JoinGroupResponse response) in Joins) waiting.TrySetResult(response);
        foreach ((TaskCompletionSource<SyncGroupResponse> waiting, SyncGroupResponse response) in Syncs) waiting.TrySetResult(response);
    }

    /// <summary>Gives an error to all who would have been told of success.</summary>
    public void Fail(LogErrorCode error)
    {
        if (Joins is null)
            return;
        foreach ((TaskCompletionSource<JoinGroupResponse> waiting, JoinGroupResponse response) in Joins)
            waiting.TrySetResult(response.Error == LogErrorCode.None ? JoinGroupResponse.Failed(error, response.MemberId) : response);
        foreach ((TaskCompletionSource<SyncGroupResponse> waiting, SyncGroupResponse response) in Syncs)
            waiting.TrySetResult(response.Error == LogErrorCode.None ? SyncGroupResponse.Failed(error) : response);
    }
}
