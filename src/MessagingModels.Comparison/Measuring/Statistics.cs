namespace MessagingModels.Comparison.Measuring;

/// <summary>The few statistics that reports need.</summary>
internal static class Statistics
{
    /// <summary>The middle value; the mean of the two middle ones where the number is even.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            throw new ArgumentException("A median needs at least one value.", nameof(values));
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>How uneven a load is: the largest share over the mean share; 1 where all are equal.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Imbalance(IReadOnlyCollection<long> loads)
    {
        if (loads.Count == 0)
            throw new ArgumentException("An imbalance needs at least one load.", nameof(loads));
        double mean = loads.Average();
        return mean == 0 ? 1 : loads.Max() / mean;
    }
}
