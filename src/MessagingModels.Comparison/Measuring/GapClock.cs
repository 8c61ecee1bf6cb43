using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>The longest time between two events. One thread ticks; others may look.</summary>
internal sealed class GapClock
{
    private readonly TimeProvider _time;
    private long _last;
    private long _longest;
    private bool _isRunning;

    public GapClock(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _last = _time.GetTimestamp();
    }

    /// <summary>The longest gap since <see cref="Start"/> that an event ended; the first begins at the last event before it.</summary>
    public TimeSpan Longest => _time.GetElapsedTime(0, Volatile.Read(ref _longest));

    /// <summary>From now on gaps count.</summary>
    public void Start() => Volatile.Write(ref _isRunning, true);

    /// <summary>An event took place.</summary>
    public void Tick()
    {
        long now = _time.GetTimestamp();
        long gap = now - Interlocked.Exchange(ref _last, now);
        if (Volatile.Read(ref _isRunning) && gap > Volatile.Read(ref _longest))
            Volatile.Write(ref _longest, gap);
    }

    /// <summary>Waits until everything has come, or nothing comes any more.</summary>
    /// <param name="isComplete">True once everything has come.</param>
    /// <param name="quiet">No event for that long, and there was one since <see cref="Start"/>: nothing comes any more.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitUntilQuietAsync(Func<bool> isComplete, TimeSpan quiet, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isComplete() && Stopwatch.GetElapsedTime(start) < limit)
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _last)) > quiet && Stopwatch.GetElapsedTime(start) > quiet)
                return;
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }
}
