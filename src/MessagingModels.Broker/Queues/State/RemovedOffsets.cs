namespace MessagingModels.Broker.Queues;

/// <summary>
/// Which offsets of a queue's log are done with: all below <see cref="LowestKept"/>, and above it ascending ranges that do not touch. In
/// order, as most queues are acknowledged, there is at most one range; out of order there are about as many as there are holes.
/// </summary>
internal sealed class RemovedOffsets(long lowestKept = 0)
{
    private OffsetRange[] _ranges = new OffsetRange[4];
    private int _start;
    private int _count;

    /// <summary>Every offset below is done with.</summary>
    public long LowestKept { get; private set; } = lowestKept;

    /// <summary>The ranges above <see cref="LowestKept"/>.</summary>
    public ReadOnlySpan<OffsetRange> Ranges => _ranges.AsSpan(_start, _count);

    public bool Contains(long offset)
    {
        if (offset < LowestKept)
            return true;
        int at = IndexOfEndAbove(offset);
        return at < _count && _ranges[_start + at].Start <= offset;
    }

    public void Add(long offset) => Add(new OffsetRange(offset, offset + 1));

    public void Add(OffsetRange range)
    {
        long start = Math.Max(range.Start, LowestKept), end = range.End;
        if (start >= end)
            return;
        if (start == LowestKept && (_count == 0 || end < _ranges[_start].Start))
        {
            LowestKept = end;
            return;
        }

        // From the first range that touches the new one to the last, all become one.
        int first = IndexOfEndAbove(start - 1);
        int next = first;
        while (next < _count && _ranges[_start + next].Start <= end)
        {
            start = Math.Min(start, _ranges[_start + next].Start);
            end = Math.Max(end, _ranges[_start + next].End);
            next++;
        }

        if (next == first)
            InsertAt(first);
        else
            RemoveAt(first + 1, next - first - 1);
        _ranges[_start + first] = new OffsetRange(start, end);
        if (_ranges[_start].Start == LowestKept)
        {
            LowestKept = _ranges[_start].End;
            RemoveAt(0, 1);
        }
    }

    /// <summary>Forgets what is at or above an offset: the log does not hold it any more and will give it to other messages.</summary>
    public void CutAt(long offset)
    {
        LowestKept = Math.Min(LowestKept, offset);
        while (_count > 0 && _ranges[_start + _count - 1].End > offset)
        {
            ref OffsetRange last = ref _ranges[_start + _count - 1];
            if (last.Start < offset)
                last = last with { End = offset };
            else
                _count--;
        }
    }

    // The first range that ends above an offset.
    private int IndexOfEndAbove(long offset)
    {
        // Most often it is the last one, which grows.
        if (_count == 0 || _ranges[_start + _count - 1].End <= offset)
            return _count;
        int low = 0, high = _count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[_start + middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void InsertAt(int index)
    {
        if (_start > 0 && index < _count / 2)
        {
            Array.Copy(_ranges, _start, _ranges, _start - 1, index);
            _start--;
            _count++;
            return;
        }

        if (_start + _count == _ranges.Length)
            MakeRoom();
        Array.Copy(_ranges, _start + index, _ranges, _start + index + 1, _count - index);
        _count++;
    }

    // The shorter side moves.
    private void RemoveAt(int index, int count)
    {
        if (count == 0)
            return;
        if (index < _count / 2 || index + count == _count && index == 0)
        {
            Array.Copy(_ranges, _start, _ranges, _start + count, index);
            _start += count;
        }
        else
        {
            Array.Copy(_ranges, _start + index + count, _ranges, _start + index, _count - index - count);
        }

        _count -= count;
        if (_count == 0)
            _start = 0;
    }

    private void MakeRoom()
    {
        OffsetRange[] target = _count > _ranges.Length / 2 ? new OffsetRange[_ranges.Length * 2] : _ranges;
        int start = (target.Length - _count) / 4;
        Array.Copy(_ranges, _start, target, start, _count);
        _ranges = target;
        _start = start;
    }
}
