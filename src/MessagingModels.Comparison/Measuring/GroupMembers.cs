using System.Collections;

namespace MessagingModels.Comparison.Measuring;

/// <summary>The members of one group, who leave it together.</summary>
internal sealed class GroupMembers(IReadOnlyList<ILogConsumer> consumers) : IReadOnlyList<ILogConsumer>, IAsyncDisposable
{
    public int Count => consumers.Count;

    public ILogConsumer this[int index] => consumers[index];

    /// <summary>True once every partition is dealt out and nobody has more than a fair share.</summary>
    public bool IsSettled(int partitions)
    {
        int[] shares = [.. consumers.Select(static consumer => consumer.Assignment.Count)];
        return shares.Sum() == partitions && shares.Max() <= (int)Math.Ceiling((double)partitions / shares.Length);
    }

    public IEnumerator<ILogConsumer> GetEnumerator() => consumers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Closes all of them, even where one cannot be closed; that failure is thrown at the end.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Exception> failures = [];
        foreach (ILogConsumer consumer in consumers)
        {
            try
            {
                await consumer.DisposeAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The others are to be closed all the same; nothing is swallowed.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures.Add(exception);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException(failures);
    }
}
