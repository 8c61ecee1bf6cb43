using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class DefaultStorageTests
{
    private const long Small = 500 * 1024;
    private const long Large = 500 * 16 * 1024;

    [Fact]
    public void Messages_that_leave_the_data_directory_as_it_was_live_in_memory()
        => Assert.Equal((FindingOutcome.Confirmed, ""), Judge(small: 4096, large: 4096));

    [Fact]
    public void Large_messages_on_disk_limit_it_to_small_ones()
    {
        (FindingOutcome outcome, string condition) = Judge(small: 4096, large: Large);

        Assert.Equal(FindingOutcome.Conditional, outcome);
        Assert.Equal("they are small: the data directory grew by 7.81 MiB for 7.81 MiB in messages of 16 KiB", condition);
    }

    [Fact]
    public void Messages_of_both_sizes_on_disk_before_any_restart_refute_it()
    {
        (FindingOutcome outcome, string condition) = Judge(Small, Large);

        Assert.Equal(FindingOutcome.Refuted, outcome);
        Assert.EndsWith(", before any restart", condition, StringComparison.Ordinal);
    }

    [Fact]
    public void An_embedded_broker_keeps_them_in_memory_where_it_has_no_data_directory()
    {
        Finding finding = DefaultStorage.From(Small, Large, isEmbedded: true);

        Assert.Equal(FindingOutcome.Conditional, finding.Outcome);
        Assert.StartsWith("the embedded broker has no data directory, as by default; one that it was given grew by 500 KiB", finding.Condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_directory_that_shrinks_meanwhile_holds_no_messages()
        => Assert.Equal(FindingOutcome.Confirmed, Judge(-Small, -Small).Outcome);

    private static (FindingOutcome Outcome, string Condition) Judge(long small, long large)
    {
        Finding finding = DefaultStorage.From(small, large, isEmbedded: false);
        Assert.True(finding.IsEssential);
        return (finding.Outcome, finding.Condition);
    }
}
