using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    [InlineData(new double[] { 1, 1, 100 }, 1)]
    public void The_median_is_the_middle_value(double[] values, double expected)
        => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void A_median_of_nothing_is_refused()
        => Assert.Throws<ArgumentException>(() => Statistics.Median([]));

    [Fact]
    public void At_most_half_of_the_values_lie_on_either_side_of_the_median()
        => Gen.Double[-1e6, 1e6].Array[1, 50].Sample(static values =>
        {
            double median = Statistics.Median(values);
            return values.Count(value => value < median) <= values.Length / 2.0 && values.Count(value => value > median) <= values.Length / 2.0;
        });

    [Theory]
    [InlineData(new long[] { 5, 5, 5 }, 1)]
    [InlineData(new long[] { 9, 0, 0 }, 3)]
    [InlineData(new long[] { 0, 0 }, 1)]
    public void Imbalance_is_the_largest_load_over_the_mean(long[] loads, double expected)
        => Assert.Equal(expected, Statistics.Imbalance(loads));
}
