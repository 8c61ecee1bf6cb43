using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class LoadTests
{
    [Fact]
    public async Task A_loop_that_fails_while_it_ends_is_reported()
        => await Assert.ThrowsAsync<FormatException>(() => RunAsync([Endless, FailingWhenStopped("torn")]));

    [Fact]
    public async Task Several_that_fail_are_all_reported()
    {
        AggregateException failure = await Assert.ThrowsAsync<AggregateException>(() => RunAsync([FailingWhenStopped("one"), Endless, FailingWhenStopped("two")]));

        Assert.Equal(["one", "two"], failure.InnerExceptions.Select(static inner => inner.Message));
    }

    [Fact]
    public async Task A_failure_of_the_measurement_comes_first()
        => await Assert.ThrowsAsync<TimeoutException>(() => Load.WhileAsync<int>(
            [FailingWhenStopped("torn")], static _ => throw new TimeoutException(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Loops_that_end_as_they_are_told_are_no_failure() => Assert.Equal(7, await RunAsync([Endless, Endless]));

    private static Task<int> RunAsync(Func<CancellationToken, Task>[] loops)
        => Load.WhileAsync(loops, static async _ =>
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            return 7;
        }, TestContext.Current.CancellationToken);

    private static Task Endless(CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);

    private static Func<CancellationToken, Task> FailingWhenStopped(string message) => async stop =>
    {
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException)
        {
            throw new FormatException(message);
        }
    };
}
