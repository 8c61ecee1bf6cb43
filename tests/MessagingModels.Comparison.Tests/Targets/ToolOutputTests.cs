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
        time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
        2026-11-24 18:17:28:255, 0, 0.0010, 0.0018, 1, 1.8116, 471, 81, 0.0121, 12.3457
        2026-11-24 18:17:28:800, 0, 32.3887, 63.8338, 33166, 65365.8537, 0, 123, 63.8338, 65365.8537
        2026-11-24 18:17:29:827, 0, 203.1602, 245.4102, 208036, 251300.0000, 0, 100, 245.4102, 251300.0000
        2026-11-24 18:17:29:929, 0, 211.9932, 86.5981, 217081, 88676.4706, 0, 102, 86.5981, 88676.4706
        2026-11-24 18:17:30:240, 0, 287.5645, 249.8668, 294466, 255863.6364, 0, 110, 249.8668, 255863.6364
        """;

    private static readonly DateTime Read = new(2026, 11, 24, 18, 17, 30, DateTimeKind.Local);

    [Fact]
    public void The_steady_state_is_read_where_a_warm_up_was_asked_for_and_ends_with_its_line()
    {
        CountedRecords steady = ToolOutput.ReadProduced(Lines(WarmedUp));

        Assert.Equal(15_000, steady.Records);
        Assert.Equal(16741.071429, steady.Rate, 0.1);
        Assert.Equal(Read, steady.To);
    }

    [Fact]
    public void Without_a_warm_up_the_summary_is_read_and_no_line_before_it()
        => Assert.Equal(9017.132552, ToolOutput.ReadProduced(Lines(Plain)).Rate, 0.1);

    [Fact]
    public void Consumption_is_read_from_the_second_half_of_the_records()
    {
        CountedRecords counted = ToolOutput.ReadConsumed(Lines(Consumed));

        Assert.Equal(294_466 - 208_036, counted.Records);
        Assert.Equal(TimeSpan.FromMilliseconds(413), counted.To - counted.From);
        Assert.Equal((294_466 - 208_036) / 0.413, counted.Rate, 0.001);
    }

    [Theory]
    [InlineData("")]
    [InlineData("org.apache.kafka.common.errors.TimeoutException: Topic t not present in metadata after 60000 ms.")]
    [InlineData("45001 records sent, 9000.2 records/sec (0.86 MB/sec), 416.6 ms avg latency, 956.0 ms max latency.")]
    public void Output_without_a_summary_is_an_error_that_shows_its_last_line(string output)
        => Assert.Contains(ToolOutput.LastLine(Lines(output)), Assert.Throws<ToolFailedException>(() => ToolOutput.ReadProduced(Lines(output))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec")]
    [InlineData("time, threadId\nno, numbers, here")]
    [InlineData("2026-11-24 18:17:28:255, 0, 0.0010, 0.0018, 1, 1.8116, 471, 81, 0.0121, 12.3457")]
    public void Consumption_without_two_lines_of_progress_is_an_error(string output)
        => Assert.Throws<ToolFailedException>(() => ToolOutput.ReadConsumed(Lines(output)));

    private static ToolLine[] Lines(string output) => [.. output.Split('\n').Select(static line => new ToolLine(Read, line))];
}
