using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class TallyTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task What_never_comes_is_missing_and_ends_the_wait()
    {
        Tally tally = new(1, 3, Quiet);

        bool isComplete = await tally.FillAsync([Sending(0, 2)], static (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken);

        Assert.False(isComplete);
        Assert.Equal(1, tally.Missing);
        Assert.Equal([0, 2], tally.Ids[0]);
    }

    [Fact]
    public async Task Slow_messages_are_waited_for_while_some_come()
    {
        Tally tally = new(1, 6, Quiet);

        bool isComplete = await tally.FillAsync(
            [Sending(0, 1, 2, 3, 4, 5)], static (_, stop) => Task.Delay(40, stop), TestContext.Current.CancellationToken);

        Assert.True(isComplete);
        Assert.Equal(0, tally.Missing);
    }

    [Fact]
    public async Task The_failure_of_a_receiver_ends_the_wait()
        => await Assert.ThrowsAsync<FormatException>(() => new Tally(1, 2).FillAsync(
            [Sending(1), static async (_, stop) =>
            {
                await Task.Delay(10, stop);
                throw new FormatException("torn");
            }], static (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken));

    [Fact]
    public async Task Nothing_to_wait_for_is_there_at_once()
        => Assert.True(await new Tally(1, 0).WaitAsync(Task.CompletedTask, TestContext.Current.CancellationToken));

    private static Worker Sending(params int[] ids) => async (handle, stop) =>
    {
        foreach (int id in ids)
            await handle(id);
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    };
}
