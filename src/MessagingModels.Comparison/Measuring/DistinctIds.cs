namespace MessagingModels.Comparison.Measuring;

/// <summary>The different ids among those that came, some of them more than once. Safe for use by several threads.</summary>
internal sealed class DistinctIds
{
    private readonly HashSet<int> _ids = [];
    private volatile int _count;

    /// <summary>How many different ones there were.</summary>
    public int Count => _count;

    /// <returns>True where it came for the first time.</returns>
    public bool Add(int id)
    {
        lock (_ids)
        {
            bool isNew = _ids.Add(id);
            _count = _ids.Count;
            return isNew;
        }
    }
}
