using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Targets;

/// <summary>Lines that the tools of Kafka 4.3.1 printed.</summary>
public class ToolOutputTests
{
    private const string WarmedUp = """
        Warmup first 5000 records. Steady state results will print after the complete test summary.
        20000 records sent, 12610.340479 records/sec (1.20 MB/sec), 526.71 ms avg latency, 777.00 ms max latency, 565 ms 50th, 724 ms 95th, 733 ms 99th, 735 ms 99.9th.
        15000 steady state records sent, 16741.071429 records/sec (1.60 MB/sec), 597.41 ms avg latency, 735.00 ms max latency, 610 ms 50th, 726 ms 95th, 733 ms 99th, 735 ms 99.9th.

        """;

    private const string Plain = """
        45001 records sent, 9000.2 records/sec (0.86 MB/sec), 416.6 ms avg latency, 956.0 ms max latency.
        120000 records sent, 9017.132552 records/sec (0.86 MB/sec), 416.55 ms avg latency, 956.00 ms max latency, 570 ms 50th, 691 ms 95th, 693 ms 99th, 694 ms 99.9th.
        """;

    private const string Consumed = """
        start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
        2026-11-24 16:44:07:023, 2026-11-24 16:44:08:365, 2.9079, 2.1669, 30492, 22721.3115, 969, 373, 7.7961, 81747.9893
        """;

    [Fact]
    public void The_steady_state_is_read_where_a_warm_up_was_asked_for()
        => Assert.Equal(16741.071429, ToolOutput.ReadProducerRate(WarmedUp));

    [Fact]
    public void Without_a_warm_up_the_summary_is_read_and_no_line_before_it()
        => Assert.Equal(9017.132552, ToolOutput.ReadProducerRate(Plain));

    [Fact]
    public void Consumption_is_read_without_the_time_for_joining_the_group()
        => Assert.Equal(81747.9893, ToolOutput.ReadConsumerRate(Consumed));

    [Theory]
    [InlineData("")]
    [InlineData("org.apache.kafka.common.errors.TimeoutException: Topic t not present in metadata after 60000 ms.")]
    [InlineData("45001 records sent, 9000.2 records/sec (0.86 MB/sec), 416.6 ms avg latency, 956.0 ms max latency.")]
    public void Output_without_a_summary_is_an_error_that_shows_its_last_line(string output)
        => Assert.Contains(ToolOutput.LastLine(output), Assert.Throws<ToolFailedException>(() => ToolOutput.ReadProducerRate(output)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("start.time, end.time, fetch.nMsg.sec")]
    [InlineData("start.time, end.time, fetch.nMsg.sec\nno, numbers, here")]
    public void Consumption_without_a_rate_is_an_error(string output)
        => Assert.Throws<ToolFailedException>(() => ToolOutput.ReadConsumerRate(output));
}
