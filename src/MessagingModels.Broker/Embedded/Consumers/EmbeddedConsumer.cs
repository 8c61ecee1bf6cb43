using System.Text.RegularExpressions;
using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Groups.Assignors;
using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Embedded.Consumers;

/// <summary>
/// A consumer in the broker's process. Rebalances take effect within its reads, so that what was handed out is processed before its
/// partition goes to another member; heartbeats come from a timer.
/// </summary>
internal sealed partial class EmbeddedConsumer : ILogConsumer
{
    private readonly TopicRegistry _topics;
    private readonly GroupCoordinator _groups;
    private readonly TimeProvider _time;
    private readonly ConsumerMember? _member;
    private readonly FetchSignal _signal;
    private readonly Dictionary<TopicPartition, ConsumedPartition> _assigned = [];
    private readonly List<ConsumedPartition> _rotation = [];
    private ConsumedPartition? _current;
    private int _turn;
    private bool _isDisposed;

    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    /// <exception cref="LogException">There is no assignment strategy of a given name.</exception>
    public EmbeddedConsumer(
        ConsumerOptions options, TopicRegistry topics, GroupCoordinator groups, AssignorRegistry assignors, TimeProvider time)
    {
        ConsumerOptions.ThrowIfContradictory(options);
        Options = options;
        _topics = topics;
        _groups = groups;
        _time = time;
        _signal = new FetchSignal(time);
        _member = options.GroupId is null ? null : new ConsumerMember(options, groups, topics, assignors);
    }

    public ConsumerOptions Options { get; }

    public IReadOnlyCollection<TopicPartition> Assignment => [.. _assigned.Keys];

    public GroupMembership Membership => _member?.Caller is { } caller
        ? new GroupMembership(Options.GroupId!, caller.MemberId, caller.Generation, caller.GroupInstanceId)
        : new GroupMembership("", "", -1, null);

    public ValueTask SubscribeAsync(
        IReadOnlyCollection<string> topics, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics.Distinct(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            if (TopicName.FindFault(name) is { } fault)
                throw new LogException(LogErrorCode.InvalidTopic, fault);
        }

        return SubscribeAsync(() => names, listener, cancellationToken);
    }

    public ValueTask SubscribeAsync(Regex pattern, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Regex whole = TopicNamePattern.Whole(pattern);
        return SubscribeAsync(
            () => [.. _topics.Topics.Where(t => !t.IsInternal && whole.IsMatch(t.Name)).Select(t => t.Name)], listener, cancellationToken);
    }

    public ValueTask AssignAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_subscription is not null)
            throw new InvalidOperationException("The consumer is subscribed; unsubscribe before assigning partitions.");
        TopicPartition[] added = [.. partitions.Where(p => !_assigned.ContainsKey(p)).Distinct()];
        foreach (TopicPartition partition in added)
            _topics.Get(partition);
        Remove([.. _assigned.Keys.Except(partitions)]);
        return AddAsync(added, cancellationToken);
    }

    public async ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        await EndSubscriptionAsync(cancellationToken).ConfigureAwait(false);
        Remove([.. _assigned.Keys]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            await EndSubscriptionAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (LogException)
        {
            // The group has moved on without this member: there is nothing left to give back.
        }

        Remove([.. _assigned.Keys]);
        _signal.Dispose();
    }

    private async ValueTask AddAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (TopicPartition id in partitions)
        {
            // Deleted between the assignment and now: the next change of the topics brings another assignment.
            if (_topics.Find(id) is not { } partition)
                continue;
            long position = await StartPositionAsync(partition, cancellationToken).ConfigureAwait(false);
            ConsumedPartition consumed = new(partition, position, Options.IsolationLevel) { Committed = position };
            _assigned.Add(id, consumed);
            _rotation.Add(consumed);
            partition.Watch(_signal);
        }
    }

    private void Remove(IReadOnlyCollection<TopicPartition> partitions)
    {
        foreach (TopicPartition id in partitions)
        {
            if (!_assigned.Remove(id, out ConsumedPartition? consumed))
                continue;
            _rotation.Remove(consumed);
            consumed.Partition.Unwatch(_signal);
            if (ReferenceEquals(_current, consumed))
                _current = null;
        }
    }

    private ConsumedPartition Get(TopicPartition partition) => _assigned.TryGetValue(partition, out ConsumedPartition? consumed)
        ? consumed
        : throw new InvalidOperationException($"Partition {partition} is not assigned to this consumer.");
}
