using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Measuring;

public class SharedOffsetsTests
{
    [Fact]
    public void Readers_that_take_turns_share_the_stretch_on_which_both_were_at_work()
    {
        SharedOffsets.Stretch overlap = Offsets([0, 1, 2, 5, 8, 9], [3, 4, 6, 7, 20]).Overlap!.Value;

        Assert.Equal((3, 9, 3, 4, 3), (overlap.From, overlap.To, overlap.First, overlap.Second, overlap.Changes));
    }

    [Fact]
    public void One_that_is_done_before_the_other_joins_shares_nothing()
    {
        Finding finding = ShareGroup.FromOffsets(Offsets([.. Range(0, 50)], [.. Range(50, 150)]));

        Assert.Equal(FindingOutcome.Confirmed, finding.Outcome);
        Assert.Contains("one got 50 records, the other 150, but they did not take turns", finding.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(300, 0)]
    [InlineData(300, 5)]
    public void One_that_joined_too_late_or_not_at_all_says_nothing_of_the_claim(int first, int second)
        => Assert.Equal(FindingOutcome.NotTested, ShareGroup.FromOffsets(Offsets([.. Range(0, first)], [.. Range(first, second)])).Outcome);

    [Fact]
    public void One_that_takes_over_once_and_gives_back_shares_nothing()
        => Assert.Null(Offsets([.. Range(0, 50), .. Range(100, 50)], [.. Range(50, 50)]).Overlap);

    [Fact]
    public void Readers_of_one_partition_at_the_same_time_refute_that_only_one_reads_it()
    {
        Finding finding = ShareGroup.FromOffsets(Offsets([0, 2, 4, 6, 8], [1, 3, 5, 7, 9]));

        Assert.Equal(FindingOutcome.Refuted, finding.Outcome);
        Assert.Contains("4 and 4 of the records at offsets 1 to 8 of one partition, with 7 changes", finding.Condition, StringComparison.Ordinal);
    }

    private static IEnumerable<long> Range(int start, int count) => Enumerable.Range(start, count).Select(static offset => (long)offset);

    private static SharedOffsets Offsets(long[] first, long[] second)
    {
        SharedOffsets offsets = new();
        foreach (long offset in first)
            offsets.Add(0, offset);
        foreach (long offset in second)
            offsets.Add(1, offset);
        return offsets;
    }
}
