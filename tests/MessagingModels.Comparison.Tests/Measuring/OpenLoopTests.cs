using System.Diagnostics;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class OpenLoopTests
{
    [Fact]
    public async Task Messages_are_due_at_even_distances_whatever_the_sends_take()
    {
        List<long> due = [];
        bool stalled = false;

        (long sent, TimeSpan latest) = await new OpenLoop(1000).RunAsync(TimeSpan.FromMilliseconds(100), time =>
        {
            due.Add(time);
            if (due.Count == 10 && !stalled)
            {
                stalled = true;
                long until = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 50;
                while (Stopwatch.GetTimestamp() < until)
                    Thread.SpinWait(100);
            }
        }, CancellationToken.None);

        Assert.Equal(100, sent);
        Assert.All(due.Zip(due.Skip(1)), static pair => Assert.InRange(pair.Second - pair.First, Stopwatch.Frequency / 1000 - 1, Stopwatch.Frequency / 1000 + 1));
        Assert.True(latest >= TimeSpan.FromMilliseconds(15), $"The stall of 20 ms must show; the latest send was {latest} behind.");
    }

    [Fact]
    public Task No_message_is_sent_before_it_is_due()
        => new OpenLoop(5000).RunAsync(TimeSpan.FromMilliseconds(20), static due => Assert.True(Stopwatch.GetTimestamp() >= due), CancellationToken.None);

    [Fact]
    public async Task It_ends_when_cancelled()
    {
        using CancellationTokenSource stop = new();
        int sent = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new OpenLoop(10_000).RunAsync(TimeSpan.FromMinutes(1), _ =>
        {
            if (++sent == 5)
                stop.Cancel();
        }, stop.Token));

        Assert.Equal(5, sent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_rate_must_be_positive(double rate) => Assert.Throws<ArgumentOutOfRangeException>(() => new OpenLoop(rate));
}
