using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class GapClockTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_longest_gap_counts()
    {
        GapClock clock = new(_time);
        clock.Start();
        foreach (int gap in new[] { 5, 300, 20 })
        {
            _time.Advance(gap);
            clock.Tick();
        }

        Assert.Equal(TimeSpan.FromMilliseconds(300), clock.Longest);
    }

    [Fact]
    public void What_was_before_the_start_does_not_count()
    {
        GapClock clock = new(_time);
        _time.Advance(5_000);
        clock.Tick();
        clock.Start();
        _time.Advance(7);
        clock.Tick();

        Assert.Equal(TimeSpan.FromMilliseconds(7), clock.Longest);
    }

    [Fact]
    public void The_first_gap_begins_with_the_start()
    {
        GapClock clock = new(_time);
        clock.Tick();
        _time.Advance(5_000);
        clock.Start();
        _time.Advance(40);
        clock.Tick();

        Assert.Equal(TimeSpan.FromMilliseconds(40), clock.Longest);
    }

    [Fact]
    public void A_gap_that_no_event_ended_does_not_count()
    {
        GapClock clock = new(_time);
        clock.Start();
        _time.Advance(3);
        clock.Tick();
        _time.Advance(5_000);

        Assert.Equal(TimeSpan.FromMilliseconds(3), clock.Longest);
    }

    [Fact]
    public async Task Waiting_ends_once_everything_has_come()
        => await new GapClock().WaitUntilQuietAsync(static () => true, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Waiting_ends_where_nothing_comes_any_more()
        => await new GapClock().WaitUntilQuietAsync(static () => false, TimeSpan.FromMilliseconds(30), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
