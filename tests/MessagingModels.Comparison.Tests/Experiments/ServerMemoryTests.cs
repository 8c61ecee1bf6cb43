using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Comparison.Tests.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ServerMemoryTests
{
    [Fact]
    public async Task Memory_of_two_runs_is_compared_whatever_was_measured_beside_it()
    {
        Measurement before = await ReportAsync(idleBytes: 100_000_000, residentBytes: 120_000_000);
        Measurement now = await ReportAsync(idleBytes: 140_000_000, residentBytes: 121_000_000);

        RunDifference difference = RunMatcher.Compare(new SavedRun("earlier", WithOnly(before), []), WithOnly(now));

        FigureChange change = Assert.Single(difference.Figures);
        Assert.Equal((120_000_000, 121_000_000), (change.Before.Median, change.Now.Median));
        Assert.Empty(difference.OnlyBefore);
        Assert.Empty(difference.OnlyNow);
        Assert.NotEqual(before.Observations["before the restart"], now.Observations["before the restart"]);
    }

    private static async Task<Measurement> ReportAsync(long idleBytes, double residentBytes)
    {
        MemoryExperiment experiment = new();
        await using FakeTarget kafka = new("kafka");
        ExperimentContext context = new(experiment, new ComparisonOptions(), static _ => { })
        {
            Target = kafka,
            Workload = await Workload.LoadAsync(new ComparisonOptions(), CancellationToken.None),
            Scale = RunScale.For(new ComparisonOptions()),
        };
        return ServerMemory.Report(context, "empty broker", residentBytes, new BrokerUsage(TimeSpan.Zero, idleBytes));
    }

    private static ComparisonReport WithOnly(Measurement measurement)
    {
        ComparisonReport sample = SampleReport.Create();
        return sample with { Experiments = [sample.Experiments[0] with { Measurements = [measurement], Latencies = [] }] };
    }
}
