using MessagingModels.Kafka.Producing;

namespace MessagingModels.Kafka.Tests.Producing;

public sealed class FlushEpochsTests
{
    [Fact]
    public void Flush_waits_for_nothing_where_there_is_nothing() => Assert.True(new FlushEpochs().Close().IsCompleted);

    [Fact]
    public void Flush_waits_for_the_records_before_it_and_for_no_others()
    {
        FlushEpochs epochs = new();
        FlushEpoch before = epochs.Enter();
        Task flush = epochs.Close();
        FlushEpoch after = epochs.Enter();

        Assert.NotSame(before, after);
        Assert.False(flush.IsCompleted);
        before.Leave();
        Assert.True(flush.IsCompleted);
    }

    [Fact]
    public async Task Flush_waits_for_what_an_earlier_flush_waits_for_too()
    {
        FlushEpochs epochs = new();
        FlushEpoch first = epochs.Enter();
        Task earlier = epochs.Close();
        FlushEpoch second = epochs.Enter();
        Task flush = epochs.Close();
        second.Leave();

        Assert.False(flush.IsCompleted);
        first.Leave();
        await Task.WhenAll(earlier, flush).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Records_counted_while_flushes_run_are_all_waited_for()
    {
        FlushEpochs epochs = new();
        int outstanding = 0;
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                FlushEpoch epoch = epochs.Enter();
                Interlocked.Increment(ref outstanding);
                Interlocked.Decrement(ref outstanding);
                epoch.Leave();
            }
        });
        while (!writing.IsCompleted)
            await epochs.Close().WaitAsync(TimeSpan.FromSeconds(30));
        await epochs.Close().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, outstanding);
    }
}
