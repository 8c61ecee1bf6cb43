namespace MessagingModels.Broker.Queues;

/// <summary>Offsets from a first to before an end.</summary>
internal readonly record struct OffsetRange(long Start, long End)
{
    public long Count => End - Start;
}

/// <summary>Ascending offsets, taken from the front and added at the end, held as ranges: a million that follow each other cost sixteen bytes.</summary>
internal sealed class OffsetRunQueue
{
    private OffsetRange[] _runs = new OffsetRange[2];
    private int _first;
    private int _count;

    public bool IsEmpty => _count == 0;

    public long First => _runs[_first].Start;

    public void Add(long start, long count)
    {
        if (count == 0)
            return;
        if (_count > 0)
        {
            ref OffsetRange last = ref _runs[(_first + _count - 1) & (_runs.Length - 1)];
            if (last.End == start)
            {
                last = last with { End = start + count };
                return;
            }
        }

        if (_count == _runs.Length)
            Grow();
        _runs[(_first + _count++) & (_runs.Length - 1)] = new OffsetRange(start, start + count);
    }

    public long Take()
    {
        ref OffsetRange run = ref _runs[_first];
        long offset = run.Start;
        run = run with { Start = offset + 1 };
        if (run.Count > 0)
            return offset;
        _first = (_first + 1) & (_runs.Length - 1);
        _count--;
        return offset;
    }

    /// <summary>Takes a whole range.</summary>
    public bool TryTakeRun(out OffsetRange run)
    {
        run = default;
        if (_count == 0)
            return false;
        run = _runs[_first];
        _first = (_first + 1) & (_runs.Length - 1);
        _count--;
        return true;
    }

    private void Grow()
    {
        OffsetRange[] grown = new OffsetRange[_runs.Length * 2];
        for (int i = 0; i < _count; i++)
            grown[i] = _runs[(_first + i) & (_runs.Length - 1)];
        _runs = grown;
        _first = 0;
    }
}
