using System.Numerics;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>Told of publishes that are settled: by queues' loops, in any order, once for each. Never blocks and never throws.</summary>
internal interface IConfirmListener
{
    /// <param name="sequence">The publish.</param>
    /// <param name="state">What was given with it.</param>
    /// <param name="isRefused">True where a destination refused it.</param>
    /// <param name="error">Why, where that is known.</param>
    void OnSettled(ulong sequence, object? state, bool isRefused, Exception? error);
}

/// <summary>
/// The publishes of a channel that wait for their destinations: a ring of at most so many in a row. One publisher at a time begins; queues'
/// loops settle. A publish that finds the ring full waits until half of it is free, so that publisher and queue take turns in long strides.
/// </summary>
internal sealed class ConfirmWindow : IPublishOrigin
{
    private readonly IConfirmListener _listener;
    private readonly Slot[] _slots;
    private readonly uint _mask;
    private readonly int _capacity;
    private readonly Lock _lock = new();
    private readonly List<(ulong UpTo, TaskCompletionSource Done)> _flushes = [];
    private TaskCompletionSource? _room;
    private ulong _next = 1;
    private ulong _lowest = 1;
    private int _waiters;

    public ConfirmWindow(int capacity, IConfirmListener listener)
    {
        _capacity = capacity;
        _listener = listener;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = (uint)_slots.Length - 1;
    }

    /// <summary>True where one more publish may begin. Called by the publisher.</summary>
    public bool HasRoom
    {
        get
        {
            if (_next - _lowest < (ulong)_capacity)
                return true;
            lock (_lock)
            {
                Advance();
                return _next - _lowest < (ulong)_capacity;
            }
        }
    }

    /// <summary>Begins a publish, for which there is room, before it is posted to its destinations.</summary>
    /// <param name="destinations">How many there are; more than none.</param>
    /// <param name="state">Given to the listener.</param>
    /// <returns>The number to post it under.</returns>
    public ulong Begin(int destinations, object? state)
    {
        ulong sequence = _next;
        ref Slot slot = ref _slots[sequence & _mask];
        slot.State = state;
        slot.IsRefused = false;
        slot.Error = null;
        Volatile.Write(ref slot.Remaining, destinations);
        Volatile.Write(ref _next, sequence + 1);
        return sequence;
    }

    /// <summary>A copy of a body that lives until the next publish is settled; its memory is used again.</summary>
    public ReadOnlyMemory<byte> CopyForNext(ReadOnlySpan<byte> body)
    {
        ref Slot slot = ref _slots[_next & _mask];
        if (slot.Copy is null || slot.Copy.Length < body.Length)
            slot.Copy = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(body.Length, 64))];
        body.CopyTo(slot.Copy);
        return slot.Copy.AsMemory(0, body.Length);
    }

    public void OnStored(ulong sequence) => Settle(sequence);

    public void OnRefused(ulong sequence, Exception? error)
    {
        if (!JoinedOrigin.IsQueueGone(error))
        {
            ref Slot slot = ref _slots[sequence & _mask];
            slot.Error = error;
            Volatile.Write(ref slot.IsRefused, true);
        }

        Settle(sequence);
    }

    /// <summary>Completes when half of the window is free, or all that was begun is settled.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Volatile.Write(ref _waiters, 1);
            Interlocked.MemoryBarrier();
            Advance();
            if (IsHalfFree)
            {
                Relax();
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when everything begun so far is settled.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ulong upTo = Volatile.Read(ref _next);
            Volatile.Write(ref _waiters, 1);
            Interlocked.MemoryBarrier();
            Advance();
            if (_lowest >= upTo)
            {
                Relax();
                return Task.CompletedTask;
            }

            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((upTo, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }

    private bool IsHalfFree => _lowest == Volatile.Read(ref _next) || Volatile.Read(ref _next) - _lowest <= (ulong)(_capacity / 2);

    private void Settle(ulong sequence)
    {
        ref Slot slot = ref _slots[sequence & _mask];
        if (Volatile.Read(ref slot.Remaining) > 1 && Interlocked.Decrement(ref slot.Remaining) > 0)
            return;
        object? state = slot.State;
        bool isRefused = Volatile.Read(ref slot.IsRefused);
        Exception? error = slot.Error;
        slot.State = null;
        slot.Error = null;
        _listener.OnSettled(sequence, state, isRefused, error);
        // A full fence: either the waiter sees the free slot or this sees the waiter.
        Interlocked.Exchange(ref slot.Remaining, 0);
        if (Volatile.Read(ref _waiters) != 0)
            Wake();
    }

    private void Wake()
    {
        TaskCompletionSource? room = null;
        lock (_lock)
        {
            Advance();
            for (int i = _flushes.Count - 1; i >= 0; i--)
            {
                if (_lowest < _flushes[i].UpTo)
                    continue;
                _flushes[i].Done.SetResult();
                _flushes.RemoveAt(i);
            }

            if (_room is not null && IsHalfFree)
                (room, _room) = (_room, null);
            Relax();
        }

        room?.SetResult();
    }

    private void Relax()
    {
        if (_room is null && _flushes.Count == 0)
            Volatile.Write(ref _waiters, 0);
    }

    private void Advance()
    {
        ulong next = Volatile.Read(ref _next);
        ulong lowest = _lowest;
        while (lowest < next && Volatile.Read(ref _slots[lowest & _mask].Remaining) == 0)
            lowest++;
        Volatile.Write(ref _lowest, lowest);
    }

    private struct Slot
    {
        public int Remaining;
        public bool IsRefused;
        public Exception? Error;
        public object? State;
        public byte[]? Copy;
    }
}
