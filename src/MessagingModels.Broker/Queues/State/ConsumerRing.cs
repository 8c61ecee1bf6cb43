namespace MessagingModels.Broker.Queues;

/// <summary>
/// The consumers of a queue and whose turn it is: those with the highest priority that can take a delivery, in turn; or, with a single
/// active consumer, that one alone. Consumers that cannot take one are not in the ring, so that finding the next takes no search.
/// </summary>
internal sealed class ConsumerRing
{
    private readonly List<QueueConsumer> _attached = [];
    private readonly SortedList<int, Queue<QueueConsumer>> _rings = new(Comparer<int>.Create(static (a, b) => b.CompareTo(a)));
    private QueueConsumer? _active;
    private bool _isSingleActive;
    private bool _isYielding;

    public IReadOnlyList<QueueConsumer> Attached => _attached;

    public bool HasExclusive => _attached.Count > 0 && _attached[0].Exclusive;

    /// <summary>Whether a single active consumer makes way for one with a higher priority, once it has settled what it holds, as in quorum queues.</summary>
    public bool YieldsToHigher { get; init; }

    public bool IsSingleActive
    {
        get => _isSingleActive;
        set
        {
            _isSingleActive = value;
            Elect();
        }
    }

    public void Add(QueueConsumer consumer)
    {
        consumer.IsAttached = true;
        consumer.IsSinkFull = false;
        _attached.Add(consumer);
        Elect();
        Offer(consumer);
    }

    public bool Remove(QueueConsumer consumer)
    {
        if (!_attached.Remove(consumer))
            return false;
        consumer.IsAttached = false;
        if (consumer == _active)
            _active = null;
        if (_active is null || _isYielding)
            Elect();
        return true;
    }

    /// <summary>A consumer settled a delivery.</summary>
    public void OnSettled(QueueConsumer consumer)
    {
        if (_isYielding && consumer == _active)
            Elect();
        Offer(consumer);
    }

    /// <summary>Puts a consumer into the ring where it can take a delivery and is not there.</summary>
    public void Offer(QueueConsumer consumer)
    {
        if (consumer.IsInRing || !MayServe(consumer))
            return;
        consumer.IsInRing = true;
        if (!_rings.TryGetValue(consumer.Priority, out Queue<QueueConsumer>? ring))
            _rings.Add(consumer.Priority, ring = new Queue<QueueConsumer>());
        ring.Enqueue(consumer);
    }

    /// <summary>Whose turn it is.</summary>
    public bool TryPeek(out QueueConsumer consumer)
    {
        for (int i = 0; i < _rings.Count; i++)
        {
            Queue<QueueConsumer> ring = _rings.GetValueAtIndex(i);
            while (ring.TryPeek(out consumer!))
            {
                if (MayServe(consumer))
                    return true;
                ring.Dequeue();
                consumer.IsInRing = false;
            }
        }

        consumer = null!;
        return false;
    }

    /// <summary>The consumer last peeked at took a delivery, or could not: it goes to the end of its ring, or out.</summary>
    public void Rotate(QueueConsumer consumer)
    {
        Queue<QueueConsumer> ring = _rings[consumer.Priority];
        if (ring.Count == 1 && MayServe(consumer))
            return;
        ring.Dequeue();
        consumer.IsInRing = false;
        Offer(consumer);
    }

    private bool MayServe(QueueConsumer consumer) =>
        consumer.IsAttached && consumer.HasCredit && (!_isSingleActive || (consumer == _active && !_isYielding));

    // The first of those with the highest priority; whoever is active stays so, or at least until it holds nothing more.
    private void Elect()
    {
        if (!_isSingleActive)
        {
            _active = null;
            foreach (QueueConsumer each in _attached)
                Offer(each);
            return;
        }

        _isYielding = YieldsToHigher && _active is { } active && _attached.Exists(each => each.Priority > active.Priority);
        if (_isYielding && _active!.Unacked == 0)
            _active = null;
        if (_active is null)
        {
            _isYielding = false;
            foreach (QueueConsumer each in _attached)
            {
                if (_active is null || each.Priority > _active.Priority)
                    _active = each;
            }
        }

        if (_active is not null)
            Offer(_active);
    }
}
