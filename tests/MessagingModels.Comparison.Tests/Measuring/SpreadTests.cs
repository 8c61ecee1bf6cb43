using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class SpreadTests
{
    private static readonly Gen<double[]> Repeats = Gen.Double[1, 1e6].Array[2, 6];
    private static readonly Gen<double> Thresholds = Gen.Double[1, 10];

    [Fact]
    public void Equal_samples_are_never_faster_than_each_other()
        => Gen.Select(Repeats, Thresholds).Sample(static (rates, threshold)
            => Spread.Of(rates).Over(Spread.Of([.. rates.Reverse()])).IsAbove(threshold) != true);

    [Fact]
    public void Samples_that_overlap_are_neither_faster_nor_slower()
        => Gen.Select(Repeats, Repeats, Gen.Double[0, 1]).Sample(static (one, other, place) =>
        {
            // Moved so that some repeat of the one lies between the lowest and the highest of the other.
            double shift = other.Min() + place * (other.Max() - other.Min()) - one[0];
            Spread moved = Spread.Of([.. one.Select(rate => Math.Max(rate + shift, other.Min()))]);
            return moved.Over(Spread.Of(other)).IsAbove(1) is null;
        });

    [Fact]
    public void Samples_apart_by_more_than_a_factor_are_apart_by_it()
        => Gen.Select(Repeats, Repeats, Thresholds).Sample(static (one, other, threshold) =>
        {
            double factor = 1.001 * threshold * other.Max() / one.Min();
            Spread faster = Spread.Of([.. one.Select(rate => rate * factor)]);
            return faster.Over(Spread.Of(other)).IsAbove(threshold) == true && Spread.Of(other).Over(faster).IsAbove(1 / threshold) == false;
        });

    [Fact]
    public void A_ratio_goes_from_the_lowest_over_the_highest_to_the_highest_over_the_lowest()
        => Gen.Select(Repeats, Repeats).Sample(static (one, other) =>
        {
            Spread ratio = Spread.Of(one).Over(Spread.Of(other));
            return ratio.Lowest == one.Min() / other.Max() && ratio.Highest == one.Max() / other.Min()
                && ratio.Lowest <= ratio.Median && ratio.Median <= ratio.Highest;
        });

    [Fact]
    public void The_order_of_repeats_does_not_matter()
        => Gen.Select(Repeats, Repeats, Thresholds).Sample(static (one, other, threshold)
            => Spread.Of(one).Over(Spread.Of(other)).IsAbove(threshold) == Spread.Of([.. one.Reverse()]).Over(Spread.Of([.. other.Order()])).IsAbove(threshold));

    [Fact]
    public void One_value_decides_nothing_on_either_side_of_a_ratio()
    {
        Assert.Null(Spread.Of([100]).IsAbove(2));
        Assert.Null(Spread.Of([100]).Over(Spread.Of([1, 1, 1])).IsAbove(2));
        Assert.Null(Spread.Of([100, 101, 102]).Over(Spread.Of([1])).IsAbove(2));
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(1, 3, false)]
    [InlineData(2, 0, true)]
    [InlineData(0, 2, false)]
    [InlineData(2, 2, null)]
    [InlineData(0, 0, null)]
    public void A_count_decides_as_it_is(double one, double other, bool? expected)
        => Assert.Equal(expected, Spread.Counted(one).Over(Spread.Counted(other)).IsAbove(1));

    [Theory]
    [InlineData(new double[] { 500, 510 }, new double[] { 0, 50 })]
    [InlineData(new double[] { 0, 0 }, new double[] { 0, 5 })]
    public void A_ratio_to_a_window_in_which_nothing_got_through_is_on_no_side_and_says_so(double[] one, double[] other)
    {
        Spread ratio = Spread.Of(one).Over(Spread.Of(other));

        Assert.Null(ratio.IsAbove(2));
        Assert.Equal("an unknown number of times (some window had nothing in it)", ratio.Format("x"));
    }

    [Fact]
    public void A_window_in_which_nothing_got_through_is_below_any_that_had_something()
        => Assert.False(Spread.Of([0, 5]).Over(Spread.Of([10, 20])).IsAbove(1));

    [Fact]
    public void A_threshold_at_the_end_of_the_spread_is_not_passed()
    {
        Assert.Null(Spread.Of([2, 3]).IsAbove(2));
        Assert.Null(Spread.Of([1, 2]).IsAbove(2));
    }

    [Fact]
    public void It_is_written_with_its_spread_or_with_the_lack_of_one()
    {
        Assert.Equal("2x (1.50 to 4)", Spread.Of([4, 1.5, 2]).Format("x"));
        Assert.Equal("2 ms (one value)", Spread.Of([2]).Format("ms"));
    }
}
