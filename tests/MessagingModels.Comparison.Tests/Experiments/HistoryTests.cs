using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class HistoryTests
{
    [Fact]
    public void A_stream_that_is_read_again_refutes_that_no_queue_keeps_messages()
        => Assert.Equal(FindingOutcome.Refuted, HistoryExperiment.FromStream((200, 200), "").Outcome);

    [Fact]
    public void A_stream_that_gives_its_second_reader_nothing_bears_the_claim_out()
        => Assert.Equal(FindingOutcome.Confirmed, HistoryExperiment.FromStream((200, 0), "").Outcome);

    [Fact]
    public void A_stream_that_gives_less_than_all_has_lost_the_rest()
        => Assert.Contains("12 did not come within", HistoryExperiment.FromStream((200, 188), "").Evidence, StringComparison.Ordinal);

    [Fact]
    public void Without_streams_no_queue_keeps_messages()
    {
        Finding finding = HistoryExperiment.FromStream(null, "streams came with RabbitMQ 3.9");

        Assert.Equal(FindingOutcome.Confirmed, finding.Outcome);
        Assert.Contains("came with RabbitMQ 3.9", finding.Evidence, StringComparison.Ordinal);
    }
}
