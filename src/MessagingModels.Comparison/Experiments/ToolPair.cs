using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One way of measuring: records a second, and the processor time that clients and broker spent on a record meanwhile.</summary>
/// <param name="Rate">Records a second.</param>
/// <param name="ClientMicroseconds">Of the clients' processes.</param>
/// <param name="BrokerMicroseconds">Of the broker's processes; null where this run did not start them.</param>
internal readonly record struct ToolSample(double Rate, double ClientMicroseconds, double? BrokerMicroseconds)
{
    /// <summary>How many cores the clients kept busy.</summary>
    public double ClientCores => Rate * ClientMicroseconds / 1e6;

    public static ToolSample Of(CountedRecords counted, ProcessorTimes times)
    {
        (TimeSpan client, TimeSpan? broker) = times.Between(counted.From, counted.To);
        return new ToolSample(counted.Rate, client.TotalMicroseconds / counted.Records, broker?.TotalMicroseconds / counted.Records);
    }
}

/// <summary>The same work done with this comparison's client and with Kafka's tools.</summary>
/// <param name="Metric">What was done.</param>
/// <param name="Label">With what.</param>
/// <param name="Tool">The name of the tool, or of both.</param>
/// <param name="Records">How many records the tool handled.</param>
/// <param name="Ours">Done with this comparison's client.</param>
/// <param name="Theirs">Done with the tool.</param>
internal sealed record ToolPair(string Metric, string Label, string Tool, int Records, ToolSample Ours, ToolSample Theirs)
{
    /// <summary>Further apart than this is explained.</summary>
    private const double Tolerance = 0.2;

    /// <summary>What the two were set to do differently, as a sentence; empty for nothing.</summary>
    public string Difference { get; init; } = "";

    /// <summary>Adds both figures, and the explanation where they are apart.</summary>
    public void ReportBoth(ExperimentContext context, IReadOnlyDictionary<string, string> settings)
    {
        Add(context, settings, context.Target.Description.Client, "this comparison's client", Ours, "run with the same workload; their figure stands beside");
        ReportTheirs(context, settings);
    }

    /// <summary>Adds the tool's figure beside one that is there, and the explanation where they are apart.</summary>
    public void ReportTheirs(ExperimentContext context, IReadOnlyDictionary<string, string> settings)
    {
        Add(context, settings, Tool, Tool, Theirs, "this is their figure");
        if (Explain() is { } note)
            context.Outcome.Notes.Add(note);
    }

    /// <summary>
    /// Why the rates are apart, from what was measured; null where they are close. A rate is the cores that the clients kept busy over the processor
    /// time of a record, so that a ratio of rates is the product of these two ratios.
    /// </summary>
    public string? Explain()
    {
        if (AreClose(Ours.Rate, Theirs.Rate))
            return null;
        string rates = $"Kafka, {Metric}, {Label}: {Figures.Number(Ours.Rate)} messages/s with this comparison's client, {Figures.Number(Theirs.Rate)} with {Tool}, {Figures.Format(Ours.Rate / Theirs.Rate, "x")}.";
        if (!(Ours.ClientMicroseconds > 0 && Theirs.ClientMicroseconds > 0))
            return $"{rates} It was too short for the processor time to be read.";
        double byTime = Theirs.ClientMicroseconds / Ours.ClientMicroseconds;
        double byCores = Ours.ClientCores / Theirs.ClientCores;
        bool isTime = Math.Abs(Math.Log(byTime)) >= Math.Abs(Math.Log(byCores));
        return $"{rates} Meanwhile a record took {Figures.Format(Ours.ClientMicroseconds, "us")} of the client's processor time here and {Figures.Format(Theirs.ClientMicroseconds, "us")} there,"
            + $" which makes {Figures.Format(byTime, "x")}; the clients kept {Figures.Number(Ours.ClientCores)} and {Figures.Number(Theirs.ClientCores)} cores busy, which makes {Figures.Format(byCores, "x")}."
            + (isTime
                ? $" So most of the difference is what {(byTime < 1 ? "this client" : "the tool")} spends on a record."
                : $" So most of the difference is time in which {(byCores < 1 ? "this client" : "the tool")} waited, for the broker or for a core.")
            + Broker() + (Difference.Length > 0 ? $" {Difference}" : "");
    }

    private string Broker() => Ours is { BrokerMicroseconds: { } ours } && Theirs is { BrokerMicroseconds: { } theirs }
        ? $" The broker spent {Figures.Format(ours, "us")} on a record of this client and {Figures.Format(theirs, "us")} on one of the tool's{(AreClose(ours, theirs) ? ", about the same" : "")}."
        : "";

    private static bool AreClose(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Max(a, b);

    private void Add(ExperimentContext context, IReadOnlyDictionary<string, string> settings, string client, string shortName, ToolSample sample, string tools)
        => context.Measured(ModelKind.Log, Metric, $"{Label}, {shortName}", "messages/s", [sample.Rate], settings, new Dictionary<string, string>
        {
            ["client"] = client,
            ["records"] = Figures.Count(Records),
            [ToolCheck.Observation] = tools,
        });
}
