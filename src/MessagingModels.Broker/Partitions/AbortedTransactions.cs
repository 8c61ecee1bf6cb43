namespace MessagingModels.Broker.Partitions;

/// <summary>
/// The aborted transactions of a partition, by the offset of their marker. One writer (under the partition's lock); readers take no lock.
/// Kafka keeps the same in <c>.txnindex</c> files.
/// </summary>
internal sealed class AbortedTransactions
{
    private Table _table = new([], 0);

    public int Count => Volatile.Read(ref Volatile.Read(ref _table).Count);

    /// <param name="transaction">Its marker lies after those of all added before.</param>
    /// <param name="firstOpenOffset">Every transaction added later begins at or after this.</param>
    public void Add(AbortedTransaction transaction, long firstOpenOffset)
    {
        Table table = _table;
        if (table.Count == table.Entries.Length)
        {
            Entry[] grown = new Entry[Math.Max(4, table.Count * 2)];
            table.Entries.CopyTo(grown, 0);
            table = new Table(grown, table.Count);
            Volatile.Write(ref _table, table);
        }
        table.Entries[table.Count] = new Entry(transaction, firstOpenOffset);
        Volatile.Write(ref table.Count, table.Count + 1);
    }

    /// <summary>Forgets transactions that ended before an offset: their records are deleted.</summary>
    public void RemoveBefore(long offset)
    {
        Table table = _table;
        int first = IndexOfMarkerFrom(table, table.Count, offset);
        if (first > 0) Volatile.Write(ref _table, new Table(table.Entries[first..table.Count], table.Count - first));
    }

    /// <summary>The transactions with offsets between two offsets, the second exclusive, by their first offset.</summary>
    public IReadOnlyList<AbortedTransaction> Overlapping(long fromOffset, long toOffset)
    {
        Table table = Volatile.Read(ref _table);
        int count = Volatile.Read(ref table.Count);
        List<AbortedTransaction>? found = null;
        for (int i = IndexOfMarkerFrom(table, count, fromOffset); i < count; i++)
        {
            ref readonly Entry entry = ref table.Entries[i];
            if (entry.Transaction.FirstOffset < toOffset) (found ??= []).Add(entry.Transaction);
            if (entry.FirstOpenOffset >= toOffset) break;
        }
        found?.Sort(static (one, other) => one.FirstOffset.CompareTo(other.FirstOffset));
        return found ?? (IReadOnlyList<AbortedTransaction>)[];
    }

    /// <summary>All of them, with the offset that each was added with.</summary>
    public IEnumerable<(AbortedTransaction Transaction, long FirstOpenOffset)> List()
    {
        Table table = _table;
        for (int i = 0; i < table.Count; i++) yield return (table.Entries[i].Transaction, table.Entries[i].FirstOpenOffset);
    }

    private static int IndexOfMarkerFrom(Table table, int count, long offset)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (table.Entries[middle].Transaction.MarkerOffset < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private readonly record struct Entry(AbortedTransaction Transaction, long FirstOpenOffset);

    private sealed class Table(Entry[] entries, int count)
    {
        public readonly Entry[] Entries = entries;
        public int Count = count;
    }
}
