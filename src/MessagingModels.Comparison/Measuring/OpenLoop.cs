using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// Sends at a fixed rate whatever becomes of the messages before: message n is due at start + n / rate, and what is late stays due at that time.
/// </summary>
internal sealed class OpenLoop
{
    private const int MessagesPerLook = 64;

    private readonly double _ticksPerMessage;

    /// <param name="ratePerSecond">Messages a second; more than 0.</param>
    public OpenLoop(double ratePerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ratePerSecond);
        _ticksPerMessage = Stopwatch.Frequency / ratePerSecond;
    }

    /// <summary>Sends for a while from a thread of its own, which it keeps busy: one of the pool's would be missed by those who consume.</summary>
    /// <param name="duration">For how long messages are due.</param>
    /// <param name="send">Sends one message; gets the time it was due at. Should not wait.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <param name="isHopeless">Asked now and then; true ends the sending early. Null to send to the end.</param>
    /// <returns>How many were sent, and how far behind its time the latest was sent.</returns>
    public Task<(long Sent, TimeSpan Latest)> RunAsync(
        TimeSpan duration, Action<long> send, CancellationToken cancellationToken, Func<bool>? isHopeless = null)
        => Task.Factory.StartNew(
            () => Run(duration, send, isHopeless, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private (long Sent, TimeSpan Latest) Run(TimeSpan duration, Action<long> send, Func<bool>? isHopeless, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        long count = (long)(duration.TotalSeconds * Stopwatch.Frequency / _ticksPerMessage);
        long latest = 0;
        for (long n = 0; n < count; n++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (n % MessagesPerLook == 0 && isHopeless?.Invoke() == true)
                return (n, TimeSpan.FromSeconds((double)latest / Stopwatch.Frequency));
            long due = start + (long)(n * _ticksPerMessage);
            WaitUntil(due, cancellationToken);
            latest = Math.Max(latest, Stopwatch.GetTimestamp() - due);
            send(due);
        }

        return (count, TimeSpan.FromSeconds((double)latest / Stopwatch.Frequency));
    }

    private static void WaitUntil(long due, CancellationToken cancellationToken)
    {
        // A timed wait takes a millisecond at least, which would be charged to the system; the rest of the wait gives the core to whoever wants it.
        while (due - Stopwatch.GetTimestamp() is var left && left > 0)
        {
            if (left > Stopwatch.Frequency / 500)
                cancellationToken.WaitHandle.WaitOne(1);
            else
                Thread.Yield();
        }
    }
}
