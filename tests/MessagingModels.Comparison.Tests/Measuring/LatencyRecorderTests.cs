using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Measuring;

public class LatencyRecorderTests
{
    private static readonly long Millisecond = Stopwatch.Frequency / 1000;

    [Fact]
    public void Percentiles_are_within_a_thousandth_of_what_was_recorded()
    {
        LatencyRecorder recorder = new();
        for (int i = 1; i <= 1000; i++)
            recorder.Record(0, i * Millisecond);

        LatencyMeasurement latency = ToMeasurement(recorder);

        Assert.Equal(1000, latency.Samples);
        Assert.InRange(latency.P50, 499, 501);
        Assert.InRange(latency.P99, 989, 991);
        Assert.InRange(latency.P999, 998, 1001);
        Assert.InRange(latency.Maximum, 999, 1001);
    }

    [Fact]
    public void A_stall_counts_against_every_message_that_was_due_during_it()
    {
        // 1,000 messages a second; the system answers within 1 ms, but stands still from 100 ms to 200 ms.
        LatencyRecorder fromIntended = new();
        LatencyRecorder fromSent = new();
        long free = 0;
        for (int i = 0; i < 1000; i++)
        {
            long due = i * Millisecond;
            long sent = Math.Max(due, free);
            long done = sent + Millisecond / 2;
            if (i == 100)
                done = sent + 100 * Millisecond;
            free = done;
            fromIntended.Record(due, done);
            fromSent.Record(sent, done);
        }

        Assert.InRange(ToMeasurement(fromIntended).P95, 50, 101);
        Assert.InRange(ToMeasurement(fromSent).P95, 0, 1);
    }

    [Fact]
    public void The_curve_rises_and_ends_where_no_further_message_stands_behind_it()
    {
        LatencyRecorder recorder = new();
        for (int i = 1; i <= 100; i++)
            recorder.Record(0, i * Millisecond);

        IReadOnlyList<ChartPoint> curve = ToMeasurement(recorder).Curve;

        Assert.Equal(0, curve[0].X);
        Assert.InRange(curve[^1].X, 98, 99.01);
        Assert.All(curve.Zip(curve.Skip(1)), static pair => Assert.True(pair.First.X < pair.Second.X && pair.First.Y <= pair.Second.Y));
    }

    [Fact]
    public void A_recorder_without_messages_says_so()
    {
        LatencyMeasurement latency = ToMeasurement(new LatencyRecorder());

        Assert.Equal(0, latency.Samples);
        Assert.Empty(latency.Curve);
    }

    private static LatencyMeasurement ToMeasurement(LatencyRecorder recorder)
        => recorder.ToMeasurement("to consumer", ModelKind.Log, "native", 1000, 1000, new Dictionary<string, string>());
}
