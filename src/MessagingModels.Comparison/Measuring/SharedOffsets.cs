namespace MessagingModels.Comparison.Measuring;

/// <summary>The offsets of one partition that two readers got. Safe for concurrent use.</summary>
internal sealed class SharedOffsets
{
    private const int MinChanges = 3;

    private readonly Lock _lock = new();
    private readonly List<long>[] _offsets = [[], []];

    /// <summary>The stretch of the partition on which both readers were at work.</summary>
    /// <param name="From">Its first offset.</param>
    /// <param name="To">Its last.</param>
    /// <param name="First">How many records of it the first reader got.</param>
    /// <param name="Second">How many the second got.</param>
    /// <param name="Changes">How often, from one offset to the next, the reader changed.</param>
    internal readonly record struct Stretch(long From, long To, int First, int Second, int Changes);

    /// <summary>
    /// From the later one's first offset to the last offset of who was done first; null unless the reader changed at least three times on it: one
    /// that takes over where the other ended makes no more than one change, one that comes back once two.
    /// </summary>
    public Stretch? Overlap
    {
        get
        {
            lock (_lock)
            {
                if (_offsets[0].Count == 0 || _offsets[1].Count == 0)
                    return null;
                long from = Math.Max(_offsets[0].Min(), _offsets[1].Min());
                long to = Math.Min(_offsets[0].Max(), _offsets[1].Max());
                (long Offset, int Reader)[] inside =
                [
                    .. _offsets.SelectMany((offsets, reader) => offsets.Where(offset => offset >= from && offset <= to).Select(offset => (offset, reader))).Order(),
                ];
                int changes = inside.Zip(inside.Skip(1)).Count(static pair => pair.First.Reader != pair.Second.Reader);
                return changes < MinChanges ? null : new Stretch(from, to, inside.Count(static one => one.Reader == 0), inside.Count(static one => one.Reader == 1), changes);
            }
        }
    }

    /// <summary>How many records came, to either, from the first offset on that the later one of them got; 0 where one got none.</summary>
    public int CountTogether()
    {
        lock (_lock)
        {
            if (_offsets[0].Count == 0 || _offsets[1].Count == 0)
                return 0;
            long from = Math.Max(_offsets[0].Min(), _offsets[1].Min());
            return _offsets.Sum(offsets => offsets.Count(offset => offset >= from));
        }
    }

    public void Add(int reader, long offset)
    {
        lock (_lock)
            _offsets[reader].Add(offset);
    }

    /// <summary>What one reader got, in the order in which it came.</summary>
    public long[] Of(int reader)
    {
        lock (_lock)
            return [.. _offsets[reader]];
    }
}
