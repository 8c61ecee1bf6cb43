using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What the throughput of one node and of three says of a claim about scaling.</summary>
internal static class ClusterFindings
{
    /// <summary>
    /// Whether several nodes got through more than one: observed where the slowest window of three is above the fastest of one. It does not bring the
    /// claim down where it was not, since here all nodes share one machine.
    /// </summary>
    /// <param name="one">The throughput of one node.</param>
    /// <param name="three">That of three, each set as the one.</param>
    internal static Finding OfThroughput(Measurement one, Measurement three)
    {
        string rates = $"{Figures.Number(three.Median)} messages/s ({Range(three)}) with three nodes and {Figures.Number(one.Median)} ({Range(one)}) with one";
        return Observe.That(
            ScalingExperiment.DistributionScales, three.Minimum > one.Maximum,
            $"One publisher and one consumer got through {rates}, a copy on each node, all of them on this machine.",
            $"three nodes on this one machine, with a copy on each, got through {Spread.Of(three.Repeats).Over(Spread.Of(one.Repeats)).Format("x")} what one did");
    }

    private static string Range(Measurement measurement) => $"{Figures.Number(measurement.Minimum)} to {Figures.Number(measurement.Maximum)}";
}
