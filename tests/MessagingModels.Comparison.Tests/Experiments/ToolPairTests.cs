using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ToolPairTests
{
    private static ToolPair Pair(ToolSample ours, ToolSample theirs) => new("produced alone", "PageCache, 1 KiB", "ProducerPerformance", 100_000, ours, theirs);

    [Fact]
    public void Rates_within_a_fifth_of_each_other_need_no_explanation()
        => Assert.Null(Pair(new ToolSample(100_000, 5, 3), new ToolSample(81_000, 9, 3)).Explain());

    [Fact]
    public void A_client_that_spends_more_on_a_record_is_told_so_by_both_figures()
    {
        string? text = Pair(new ToolSample(250_000, 4, 3), new ToolSample(1_000_000, 1, 6)).Explain();

        Assert.Contains("0.250x. Meanwhile a record took 4 µs", text, StringComparison.Ordinal);
        Assert.Contains("1 µs there, which makes 0.250x", text, StringComparison.Ordinal);
        Assert.Contains("1 and 1 cores busy, which makes 1x", text, StringComparison.Ordinal);
        Assert.Contains("what this client spends on a record", text, StringComparison.Ordinal);
        Assert.Contains("3 µs on a record of this client and 6 µs", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_spends_as_much_and_is_slower_has_waited()
    {
        string? text = Pair(new ToolSample(100_000, 5, 3), new ToolSample(50_000, 5, 3)).Explain();

        Assert.Contains("0.500 and 0.250 cores busy, which makes 2x", text, StringComparison.Ordinal);
        Assert.Contains("time in which the tool waited", text, StringComparison.Ordinal);
        Assert.Contains("about the same", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_brokers_processes_the_clients_alone_are_told()
        => Assert.DoesNotContain("The broker spent", Pair(new ToolSample(100_000, 5, null), new ToolSample(50_000, 12, null)).Explain(), StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_made_of_processor_time_that_could_not_be_read()
        => Assert.EndsWith("too short for the processor time to be read.", Pair(new ToolSample(100_000, 5, 3), new ToolSample(50_000, 0, 3)).Explain(), StringComparison.Ordinal);

    [Fact]
    public async Task The_processor_time_of_a_record_is_that_of_the_records_that_count()
    {
        TimeSpan broker = TimeSpan.Zero;
        ProcessorTimes times = new(() => broker);
        times.Look(TimeSpan.FromSeconds(1));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        DateTime from = DateTime.Now;
        times.Look(TimeSpan.FromSeconds(2));
        broker = TimeSpan.FromSeconds(1);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        times.Look(TimeSpan.FromSeconds(5));

        ToolSample sample = ToolSample.Of(new CountedRecords(1_000_000, from, DateTime.Now), times);

        Assert.InRange(sample.ClientMicroseconds, 3, 3.2);
        Assert.InRange(sample.BrokerMicroseconds!.Value, 1, 1.01);
    }

    [Fact]
    public void Between_two_looks_processor_time_grows_in_a_straight_line_and_outside_of_them_not_at_all()
    {
        ProcessorTimes none = new(static () => null);

        Assert.Equal((TimeSpan.Zero, (TimeSpan?)null), none.Between(DateTime.Now.AddSeconds(-1), DateTime.Now));
        none.Look(TimeSpan.FromSeconds(1));
        Assert.Equal((TimeSpan.Zero, (TimeSpan?)null), none.Between(DateTime.Now.AddSeconds(-1), DateTime.Now.AddSeconds(1)));
    }
}
