using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>The longest time between two events. Several threads may tick and look.</summary>
internal sealed class GapClock
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _last;
    private long _longest;
    private bool _isRunning;

    public GapClock(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _last = _time.GetTimestamp();
    }

    /// <summary>The longest gap since <see cref="Start"/> that an event ended; the first begins with the start.</summary>
    public TimeSpan Longest => _time.GetElapsedTime(0, Volatile.Read(ref _longest));

    /// <summary>From now on gaps count, and the first begins now: what came before has no part in it.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _last = _time.GetTimestamp();
            _isRunning = true;
        }
    }

    /// <summary>An event took place.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            if (_isRunning)
                _longest = Math.Max(_longest, now - _last);
            _last = now;
        }
    }

    /// <summary>Waits until everything has come, or nothing comes any more.</summary>
    /// <param name="isComplete">True once everything has come.</param>
    /// <param name="quiet">No event for that long, from the beginning of the wait on: nothing comes any more.</param>
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
