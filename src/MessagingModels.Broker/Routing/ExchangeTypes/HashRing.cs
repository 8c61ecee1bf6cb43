using System.Numerics;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// The points of a consistent-hash exchange in the order of their hashes, the last followed by the first. Hashes are spread evenly, so the ring
/// is cut into equal arcs by their first bits, each a short sorted list: a point is put in or taken out by moving its few neighbours.
/// Changes run alone; <see cref="Find"/> runs concurrently with itself only.
/// </summary>
internal sealed class HashRing
{
    private const int FewestArcs = 16;
    private const int MostPointsPerArc = 32;
    private const int FewestPointsPerArc = 4;
    private const int SmallestArc = 8;

    private Arc[] _arcs = new Arc[FewestArcs];
    private int _count;

    /// <summary>How many points there are.</summary>
    public int Count => _count;

    /// <summary>How many points the fullest arc has: the most that a change moves.</summary>
    public int LongestArc => _arcs.Max(static arc => arc.Count);

    /// <summary>Puts a binding's points in.</summary>
    public void Add(ReadOnlySpan<ulong> hashes, Binding owner)
    {
        int count = checked(_count + hashes.Length);
        if (count > _arcs.Length * MostPointsPerArc)
            Cut(count);
        foreach (ulong hash in hashes)
            ArcOf(hash).Insert(new Point(hash, owner));
        _count = count;
    }

    /// <summary>Takes out a binding's points.</summary>
    public void Remove(ReadOnlySpan<ulong> hashes, Binding owner)
    {
        foreach (ulong hash in hashes)
        {
            if (ArcOf(hash).Remove(new Point(hash, owner)))
                _count--;
        }

        if (_count < _arcs.Length * FewestPointsPerArc && _arcs.Length > FewestArcs)
            Cut(_count);
    }

    /// <summary>The owner of the first point at a hash or behind it; null where there are no points.</summary>
    public Binding? Find(ulong hash)
    {
        if (_count == 0)
            return null;
        int arc = IndexOf(hash);
        int at = _arcs[arc].FirstAt(hash);
        while (at == _arcs[arc].Count)
        {
            arc = (arc + 1) & (_arcs.Length - 1);
            at = 0;
        }

        return _arcs[arc].Points[at].Owner;
    }

    private int IndexOf(ulong hash) => (int)(hash >> (64 - BitOperations.Log2((uint)_arcs.Length)));

    private ref Arc ArcOf(ulong hash) => ref _arcs[IndexOf(hash)];

    /// <summary>Cuts the ring anew, for so many points. They are taken in their order, so each goes to the end of its arc.</summary>
    private void Cut(int count)
    {
        Arc[] before = _arcs;
        uint arcs = BitOperations.RoundUpToPowerOf2((uint)Math.Max(FewestArcs, count / (MostPointsPerArc / 2)));
        _arcs = new Arc[arcs];
        foreach (ref Arc arc in before.AsSpan())
        {
            for (int at = 0; at < arc.Count; at++)
                ArcOf(arc.Points[at].Hash).Append(arc.Points[at]);
        }
    }

    private readonly record struct Point(ulong Hash, Binding Owner);

    private struct Arc
    {
        public Point[] Points;
        public int Count;

        /// <summary>The index of the first point at a hash or behind it.</summary>
        public readonly int FirstAt(ulong hash)
        {
            int low = 0;
            int high = Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (Points[middle].Hash < hash)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }

        public void Insert(Point point)
        {
            int at = FirstAt(point.Hash);
            Append(point);
            Array.Copy(Points, at, Points, at + 1, Count - 1 - at);
            Points[at] = point;
        }

        public void Append(Point point)
        {
            if (Points is null)
                Points = new Point[SmallestArc];
            else if (Count == Points.Length)
                Array.Resize(ref Points, Count * 2);
            Points[Count++] = point;
        }

        /// <summary>Two bindings of one destination have points in common, which differ by their owners.</summary>
        public bool Remove(Point point)
        {
            for (int at = FirstAt(point.Hash); at < Count && Points[at].Hash == point.Hash; at++)
            {
                if (!ReferenceEquals(Points[at].Owner, point.Owner))
                    continue;
                Count--;
                Array.Copy(Points, at + 1, Points, at, Count - at);
                Points[Count] = default;
                return true;
            }

            return false;
        }
    }
}
