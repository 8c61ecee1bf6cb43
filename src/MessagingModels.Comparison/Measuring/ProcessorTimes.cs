namespace MessagingModels.Comparison.Measuring;

/// <summary>The processor time of clients and broker, looked at again and again while they work, so that it is known for any part of that time. Safe for one writer at a time.</summary>
/// <param name="readBroker">What the broker's processes have used so far; null where this run did not start them.</param>
internal sealed class ProcessorTimes(Func<TimeSpan?> readBroker)
{
    private readonly List<(DateTime At, TimeSpan Client, TimeSpan? Broker)> _looks = [];

    /// <summary>Notes what the client's process has used so far, and what the broker's have.</summary>
    public void Look(TimeSpan client) => _looks.Add((DateTime.Now, client, readBroker()));

    /// <summary>Looks at this process until stopped, and once more then.</summary>
    public async Task LookAtThisProcessAsync(TimeSpan interval, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Look(Environment.CpuUsage.TotalTime);
            await Task.Delay(interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Look(Environment.CpuUsage.TotalTime);
    }

    /// <summary>What was used in a part of the time: in a straight line between two looks, and nothing before the first and after the last.</summary>
    /// <param name="from">Its beginning, local time.</param>
    /// <param name="to">Its end, local time.</param>
    public (TimeSpan Client, TimeSpan? Broker) Between(DateTime from, DateTime to)
    {
        if (_looks.Count == 0)
            return (TimeSpan.Zero, null);
        (TimeSpan client, TimeSpan? broker) = At(to);
        (TimeSpan clientBefore, TimeSpan? brokerBefore) = At(from);
        return (client - clientBefore, broker - brokerBefore);
    }

    private (TimeSpan Client, TimeSpan? Broker) At(DateTime time)
    {
        int next = _looks.FindIndex(look => look.At >= time);
        if (next <= 0)
            return next == 0 ? (_looks[0].Client, _looks[0].Broker) : (_looks[^1].Client, _looks[^1].Broker);
        (DateTime At, TimeSpan Client, TimeSpan? Broker) a = _looks[next - 1];
        (DateTime At, TimeSpan Client, TimeSpan? Broker) b = _looks[next];
        double share = (time - a.At) / (b.At - a.At);
        return (a.Client + (share * (b.Client - a.Client)), b.Broker is { } later && a.Broker is { } earlier ? earlier + (share * (later - earlier)) : null);
    }
}
