using System.Runtime.InteropServices;

namespace MessagingModels.Broker.Queues;

/// <summary>The offsets removed since the last write, in the order in which they were; neighbours become one range.</summary>
internal sealed class RemovalBatch
{
    private readonly List<OffsetRange> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public ReadOnlySpan<OffsetRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    public void Add(OffsetRange range)
    {
        if (_ranges.Count > 0)
        {
            ref OffsetRange last = ref CollectionsMarshal.AsSpan(_ranges)[^1];
            if (last.End == range.Start)
            {
                last = last with { End = range.End };
                return;
            }
        }

        _ranges.Add(range);
    }

    public void Clear() => _ranges.Clear();
}
