using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// Times the parts in which a count grows to a number. One thread tells it of the count, that which raises it: whoever looks now and then would
/// miss the ends of short parts.
/// </summary>
/// <param name="total">The number.</param>
/// <param name="parts">How many parts of equal size, from the first count that it is told on; what comes at once may span several.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class SegmentClock(long total, int parts, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly List<(long Count, long Timestamp)> _marks = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _part = 1;

    /// <summary>Completes once the number was reached.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What was counted a second, by part. To be asked once the number was reached.</summary>
    /// <exception cref="InvalidOperationException">Everything came at once, so that no time passed.</exception>
    public double[] Rates => _marks.Count > 1
        ? [.. _marks.Zip(_marks.Skip(1), (from, to) => (to.Count - from.Count) / _time.GetElapsedTime(from.Timestamp, to.Timestamp).TotalSeconds)]
        : throw new InvalidOperationException($"All {total} came at once: that has no rate.");

    /// <summary>The count is now so high.</summary>
    public void Reach(long count)
    {
        if (_marks.Count > 0 && count < EndOf(_part))
            return;
        _marks.Add((count, _time.GetTimestamp()));
        while (_part < parts && count >= EndOf(_part))
            _part++;
        if (count >= total)
            _ended.TrySetResult();
    }

    private long EndOf(int part)
    {
        long first = _marks[0].Count;
        return first + (total - first) * part / parts;
    }
}
