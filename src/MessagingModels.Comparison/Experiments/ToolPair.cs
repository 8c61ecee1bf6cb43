using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One way of measuring: records a second, and the processor time that client and broker spent on a record.</summary>
/// <param name="Rate">Records a second.</param>
/// <param name="ClientMicroseconds">Of the client's process, its start included.</param>
/// <param name="BrokerMicroseconds">Of the broker's processes; null where this run did not start them.</param>
internal readonly record struct ToolSample(double Rate, double ClientMicroseconds, double? BrokerMicroseconds)
{
    public double TotalMicroseconds => ClientMicroseconds + (BrokerMicroseconds ?? 0);
}

/// <summary>The same work done with this comparison's client and with one of Kafka's tools.</summary>
/// <param name="Metric">What was done.</param>
/// <param name="Label">With what.</param>
/// <param name="Tool">The name of the tool.</param>
/// <param name="Records">How many records each of them handled.</param>
/// <param name="Ours">Done with this comparison's client.</param>
/// <param name="Theirs">Done with the tool.</param>
internal sealed record ToolPair(string Metric, string Label, string Tool, int Records, ToolSample Ours, ToolSample Theirs)
{
    /// <summary>Further apart than this is explained.</summary>
    private const double Tolerance = 0.2;

    /// <summary>Adds both figures, and the explanation where they are apart.</summary>
    public void Report(ExperimentContext context, IReadOnlyDictionary<string, string> settings)
    {
        Add(context, settings, context.Target.Description.Client, "this comparison's client", Ours);
        Add(context, settings, Tool, Tool, Theirs);
        if (Explain() is { } note)
            context.Outcome.Notes.Add(note);
    }

    /// <summary>Why the rates are apart, by where the processor time of a record went; null where they are close.</summary>
    public string? Explain()
    {
        if (AreClose(Ours.Rate, Theirs.Rate))
            return null;
        string broker = Ours is { BrokerMicroseconds: { } a } && Theirs is { BrokerMicroseconds: { } b }
            ? $" The broker spent {Figures.Format(a, "us")} on a record of ours and {Figures.Format(b, "us")} on one of the tool's"
                + (AreClose(a, b) ? ": the same, so the difference lies in the clients." : ": it differs too, most likely by how much each client sends or asks for at a time, which was not read.")
            : "";
        bool isSame = Ours.Rate > Theirs.Rate == Ours.TotalMicroseconds < Theirs.TotalMicroseconds && !AreClose(Ours.TotalMicroseconds, Theirs.TotalMicroseconds);
        return $"Kafka, {Metric}, {Label}: {Figures.Number(Ours.Rate)} messages/s with this comparison's client, {Figures.Number(Theirs.Rate)} with {Tool}, {Figures.Format(Ours.Rate / Theirs.Rate, "x")}, from one run each."
            + $" The client's process spent {Figures.Format(Ours.ClientMicroseconds, "us")} a record here (librdkafka, and a task and a copy in .NET for each record) and {Figures.Format(Theirs.ClientMicroseconds, "us")} there (Java, its start included)."
            + broker
            + (isSame
                ? " Client and broker share the machine's cores, and the client with the smaller sum of both is the faster."
                : " The sums of both do not explain the difference: one of the two left processor time unused.");
    }

    private static bool AreClose(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Max(a, b);

    private void Add(ExperimentContext context, IReadOnlyDictionary<string, string> settings, string client, string shortName, ToolSample sample)
        => context.Measured(ModelKind.Log, Metric, $"{Label}, {shortName}", "messages/s", [sample.Rate], settings, new Dictionary<string, string>
        {
            ["client"] = client,
            ["records"] = Figures.Count(Records),
        });
}
