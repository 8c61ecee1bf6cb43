using System.Threading.Tasks.Sources;

namespace MessagingModels.Broker.Partitions;

/// <summary>
/// Wakes one reader that waits on any number of partitions. Register it with each (<see cref="Partition.Watch"/>), read, and where
/// nothing was there wait: a record that came after the registration ends the wait, also where it came before the wait began.
/// <see cref="Set"/> may be called by anyone at any time, <see cref="WaitAsync"/> by the one reader.
/// </summary>
internal sealed class FetchSignal : IValueTaskSource<bool>, IDisposable
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Waiting = 2;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private long _deadline;
    private int _state;

    public FetchSignal(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((FetchSignal)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the present wait, or the next one at once.</summary>
    public void Set()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Signalled) return;
            int next = state == Waiting ? Idle : Signalled;
            if (Interlocked.CompareExchange(ref _state, next, state) != state) continue;
            if (state == Waiting) _wait.SetResult(true);
            return;
        }
    }

    /// <summary>Waits for the signal and takes it.</summary>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True where it was signalled, false after the timeout.</returns>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) return new ValueTask<bool>(true);
        if (timeout == TimeSpan.Zero) return new ValueTask<bool>(false);
        _wait.Reset();
        short version = _wait.Version;
        _cancellationToken = cancellationToken;
        Volatile.Write(ref _deadline, timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : DeadlineAfter(timeout));
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Signalled)
        {
            Volatile.Write(ref _state, Idle);
            return new ValueTask<bool>(true);
        }
        if (timeout != Timeout.InfiniteTimeSpan) _timer.Change(timeout, Timeout.InfiniteTimeSpan);
        _cancellation = cancellationToken.UnsafeRegister(static (state, _) => ((FetchSignal)state!).OnCancelled(), this);
        return new ValueTask<bool>(this, version);
    }

    public void Dispose() => _timer.Dispose();

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private long DeadlineAfter(TimeSpan timeout) =>
        _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Ceiling(long ticks) => TimeSpan.FromMilliseconds(Math.Ceiling(ticks * 1000.0 / _time.TimestampFrequency));

    // The timer of an earlier wait may fire late, within a later one: only the clock says whether this wait is over.
    private void OnTimer()
    {
        long early = Volatile.Read(ref _deadline) - _time.GetTimestamp();
        if (early > 0)
        {
            // Timers count whole milliseconds and cut off the rest, so this wait's own timer comes a little early as well.
            if (Volatile.Read(ref _state) == Waiting && early < long.MaxValue / 2) _timer.Change(Ceiling(early), Timeout.InfiniteTimeSpan);
        }
        else if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _wait.SetResult(false);
        }
    }

    private void OnCancelled()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
            _wait.SetException(new OperationCanceledException(_cancellationToken));
    }
}
