namespace MessagingModels.Broker.Queues;

/// <summary>A publish on its way to a queue's loop.</summary>
internal struct QueuePublish
{
    public Message Message;
    public IPublishOrigin? Origin;
    public ulong Sequence;
}

/// <summary>A settlement of a delivery on its way to a queue's loop, or to its commit.</summary>
/// <param name="DeliveryId">As the delivery had it.</param>
/// <param name="Settlement">How it ends.</param>
internal readonly record struct QueueSettlement(long DeliveryId, Settlement Settlement);

/// <summary>
/// What waits for a queue's loop. Any thread posts; the loop takes everything at once and hands the emptied lists back with the next
/// taking, so that in the steady state nothing is allocated. Publishes, settlements and requests keep their order among themselves.
/// </summary>
internal sealed class QueueInbox(QueueLimits limits)
{
    private readonly Lock _gate = new();
    private Buffer<QueuePublish> _publishes = new();
    private Buffer<QueueSettlement> _settlements = new();
    private Buffer<IQueueRequest> _requests = new();
    private Buffer<QueueConsumer> _credits = new();
    private TaskCompletionSource? _room;
    private long _publishBytes;
    private bool _isAwake;
    private bool _isScheduled;

    /// <summary>False while publishers should wait.</summary>
    public bool HasRoom => Volatile.Read(ref _publishes.Count) < limits.InboxMessages && Volatile.Read(ref _publishBytes) < limits.InboxBytes;

    /// <summary>Adds a publish; false where the publishers overran the inbox. Says whether the loop has to be started.</summary>
    public bool TryAdd(in Message message, IPublishOrigin? origin, ulong sequence, out bool mustSchedule)
    {
        lock (_gate)
        {
            mustSchedule = false;
            if (_publishes.Count >= (long)limits.InboxMessages * limits.RefusalFactor || _publishBytes >= limits.InboxBytes * limits.RefusalFactor)
                return false;
            ref QueuePublish publish = ref _publishes.Add();
            publish.Message = message;
            publish.Origin = origin;
            publish.Sequence = sequence;
            _publishBytes += message.Body.Length;
            mustSchedule = MarkScheduled();
            return true;
        }
    }

    public bool Add(QueueSettlement settlement)
    {
        lock (_gate)
        {
            _settlements.Add() = settlement;
            return MarkScheduled();
        }
    }

    public bool Add(ReadOnlySpan<long> deliveryIds, Settlement settlement)
    {
        lock (_gate)
        {
            foreach (long id in deliveryIds)
                _settlements.Add() = new QueueSettlement(id, settlement);
            return MarkScheduled();
        }
    }

    public bool Add(IQueueRequest request)
    {
        lock (_gate)
        {
            _requests.Add() = request;
            return MarkScheduled();
        }
    }

    public bool AddCredit(QueueConsumer consumer)
    {
        lock (_gate)
        {
            _credits.Add() = consumer;
            return MarkScheduled();
        }
    }

    /// <summary>Has the loop make a turn although nothing was posted.</summary>
    public bool Wake()
    {
        lock (_gate)
        {
            _isAwake = true;
            return MarkScheduled();
        }
    }

    /// <summary>Completes when publishers need not wait.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (HasRoom)
            return ValueTask.CompletedTask;
        lock (_gate)
        {
            if (HasRoom)
                return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Called by the loop: exchanges its emptied batch for everything that waits. False where nothing does; the loop then ends
    /// unless it says that it has more to do of its own accord.</summary>
    public bool TryTake(QueueInboxBatch batch, bool hasMore)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (!hasMore && !_isAwake && _publishes.Count == 0 && _settlements.Count == 0 && _requests.Count == 0 && _credits.Count == 0)
            {
                _isScheduled = false;
                return false;
            }

            (_publishes, batch.Publishes) = (batch.Publishes, _publishes);
            (_settlements, batch.Settlements) = (batch.Settlements, _settlements);
            (_requests, batch.Requests) = (batch.Requests, _requests);
            (_credits, batch.Credits) = (batch.Credits, _credits);
            _publishBytes = 0;
            _isAwake = false;
            room = _room;
            _room = null;
        }

        room?.SetResult();
        return true;
    }

    private bool MarkScheduled()
    {
        if (_isScheduled)
            return false;
        return _isScheduled = true;
    }

    /// <summary>A list that is filled by reference.</summary>
    internal sealed class Buffer<T>
    {
        private const int KeptCapacity = 1024;
        private const int TurnsBeforeShrinking = 1024;

        public T[] Items = [];
        public int Count;
        private int _turnsWithRoom;

        public ref T Add()
        {
            if (Count == Items.Length)
                Array.Resize(ref Items, Math.Max(16, Count * 2));
            return ref Items[Count++];
        }

        public ReadOnlySpan<T> Span => Items.AsSpan(0, Count);

        /// <summary>Empties it. What a burst made it grow to goes once many turns did not need it; under load large and small ones alternate.</summary>
        public void Clear()
        {
            bool hasRoom = Items.Length > KeptCapacity && Count < Items.Length / 8;
            _turnsWithRoom = hasRoom ? _turnsWithRoom + 1 : 0;
            if (_turnsWithRoom >= TurnsBeforeShrinking)
            {
                Items = [];
                _turnsWithRoom = 0;
            }
            else
            {
                Array.Clear(Items, 0, Count);
            }

            Count = 0;
        }
    }
}

/// <summary>What a queue's loop took from its inbox in one turn.</summary>
internal sealed class QueueInboxBatch
{
    public QueueInbox.Buffer<QueuePublish> Publishes = new();
    public QueueInbox.Buffer<QueueSettlement> Settlements = new();
    public QueueInbox.Buffer<IQueueRequest> Requests = new();
    public QueueInbox.Buffer<QueueConsumer> Credits = new();

    public void Clear()
    {
        Publishes.Clear();
        Settlements.Clear();
        Requests.Clear();
        Credits.Clear();
    }
}
