using MessagingModels.Comparison.Experiments;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ToolPairTests
{
    private static ToolPair Pair(ToolSample ours, ToolSample theirs) => new("produced alone", "PageCache, 1 KiB", "ProducerPerformance", 100_000, ours, theirs);

    [Fact]
    public void Rates_within_a_fifth_of_each_other_need_no_explanation()
        => Assert.Null(Pair(new ToolSample(100_000, 5, 3), new ToolSample(81_000, 9, 3)).Explain());

    [Fact]
    public void A_difference_that_the_processor_time_accounts_for_is_laid_to_it()
    {
        string? text = Pair(new ToolSample(100_000, 5, 3), new ToolSample(50_000, 12, 6)).Explain();
        Assert.Contains("2x", text, StringComparison.Ordinal);
        Assert.Contains("the smaller sum of both is the faster", text, StringComparison.Ordinal);
        Assert.Contains("it differs too", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_that_it_does_not_account_for_is_said_to_leave_time_unused()
    {
        string? text = Pair(new ToolSample(100_000, 5, 3), new ToolSample(50_000, 5, 3)).Explain();
        Assert.Contains("do not explain the difference", text, StringComparison.Ordinal);
        Assert.Contains("the difference lies in the clients", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_brokers_processes_the_clients_alone_are_told()
        => Assert.DoesNotContain("The broker spent", Pair(new ToolSample(100_000, 5, null), new ToolSample(50_000, 12, null)).Explain(), StringComparison.Ordinal);
}
