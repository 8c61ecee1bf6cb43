using System.Numerics;
using System.Runtime.InteropServices;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// Lets any number of publishers route at once while bindings stand still, and one command at a time change them while nobody routes.
/// A publisher counts itself in on a counter of its processor, so publishers on different processors share no cache line; a change waits
/// until all the counters are at zero, which takes no longer than the routes under way.
/// </summary>
internal sealed class RoutingGate
{
    private readonly Slot[] _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)];
    private readonly Lock _changing = new();
    private int _isChanging;

    /// <summary>Waits while a change is under way, then holds changes off. Nothing inside may wait for a change.</summary>
    /// <returns>The slot to give to <see cref="ExitRoute"/>.</returns>
    public int EnterRoute()
    {
        while (true)
        {
            int slot = Thread.GetCurrentProcessorId() & (_slots.Length - 1);
            // The increment is a full fence: either the change sees this publisher or this publisher sees the change.
            Interlocked.Increment(ref _slots[slot].Routing);
            if (Volatile.Read(ref _isChanging) == 0)
                return slot;
            Interlocked.Decrement(ref _slots[slot].Routing);
            lock (_changing)
            {
                // Entered once the change is done; nothing to do but to try again.
            }
        }
    }

    public void ExitRoute(int slot) => Interlocked.Decrement(ref _slots[slot].Routing);

    /// <summary>Waits until nobody routes, and keeps publishers waiting until the change is disposed.</summary>
    public Change BeginChange()
    {
        _changing.Enter();
        Interlocked.Exchange(ref _isChanging, 1);
        foreach (ref Slot slot in _slots.AsSpan())
        {
            SpinWait spinner = default;
            while (Volatile.Read(ref slot.Routing) != 0)
                spinner.SpinOnce();
        }

        return new Change(this);
    }

    private void EndChange()
    {
        Volatile.Write(ref _isChanging, 0);
        _changing.Exit();
    }

    internal readonly ref struct Change(RoutingGate gate)
    {
        public void Dispose() => gate.EndChange();
    }

    /// <summary>Two cache lines wide, as processors fetch them in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Slot
    {
        [FieldOffset(0)]
        public int Routing;
    }
}
