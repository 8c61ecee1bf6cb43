using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class SegmentClockTests
{
    [Fact]
    public void Each_part_has_its_own_rate()
    {
        ManualTime time = new();
        SegmentClock clock = new(40, 3, time);
        foreach ((int at, int count) in new[] { (70, 10), (1000, 15), (1000, 20), (100, 30), (500, 35), (500, 40) })
        {
            time.Advance(at);
            Assert.False(clock.Ended.IsCompleted);
            clock.Reach(count);
        }

        Assert.True(clock.Ended.IsCompleted);
        Assert.Equal([5, 100, 10], clock.Rates);
    }

    [Fact]
    public void What_comes_at_once_spans_the_parts_that_it_fills()
    {
        ManualTime time = new();
        SegmentClock clock = new(10, 3, time);
        foreach (int count in new[] { 1, 8, 10 })
        {
            clock.Reach(count);
            time.Advance(1000);
        }

        Assert.Equal([7, 2], clock.Rates);
    }

    [Fact]
    public void All_at_once_has_no_rate()
    {
        SegmentClock clock = new(10, 3);
        clock.Reach(10);

        Assert.True(clock.Ended.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => clock.Rates);
    }

    [Fact]
    public void At_a_steady_pace_every_part_has_that_pace_however_it_is_cut()
        => Gen.Select(Gen.Int[1, 20].Array[2, 50], Gen.Int[1, 8]).Sample(static (steps, parts) =>
        {
            ManualTime time = new();
            SegmentClock clock = new(steps.Sum(), parts, time);
            long count = 0;
            foreach (int step in steps)
            {
                time.Advance(1000 * step);
                clock.Reach(count += step);
            }

            return clock.Ended.IsCompleted && clock.Rates.Length <= parts && Array.TrueForAll(clock.Rates, static rate => rate == 1);
        });
}
