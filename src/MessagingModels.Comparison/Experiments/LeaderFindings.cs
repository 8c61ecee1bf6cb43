using System.Globalization;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What follows from the deaths of leaders: figures, the part of the claim, and the answer to who goes on.</summary>
internal static class LeaderFindings
{
    private const string Label = "three nodes, leader killed";

    public static void Report(ExperimentContext context, ModelKind model, IReadOnlyList<LeaderFailure> failures)
    {
        Dictionary<string, string> settings = new(failures[0].Settings)
        {
            ["kills"] = string.Create(CultureInfo.InvariantCulture, $"{failures.Count}, of whichever of the 3 nodes led, by SIGKILL; all nodes in sync before each"),
            ["in flight"] = string.Create(CultureInfo.InvariantCulture, $"at most {WindowPublisher.Window}, each place empty for {WindowPublisher.Pace.TotalMilliseconds:0} ms on average after a confirm"),
            ["publisher"] = LeaderFailure.SettingOf(model).Name,
            ["consumer"] = SteadyConsumer.SettlementOf(model),
        };
        Measurement confirms = context.Measured(
            model, "unavailability", "for the publisher", "ms", [.. failures.Select(static failure => failure.WithoutConfirm.TotalMilliseconds)], settings);
        Measurement deliveries = context.Measured(
            model, "unavailability", "for the consumer", "ms", [.. failures.Select(static failure => failure.WithoutDelivery.TotalMilliseconds)], settings);
        context.Measured(model, "in flight at the kill", Label, "", [.. failures.Select(static failure => (double)failure.InFlight)], settings);

        // Sums, and no medians: a message lost in one kill of three is lost.
        int confirmed = failures.Sum(static failure => failure.Confirmed);
        int heldBack = failures.Sum(static failure => failure.HeldBack);
        int lost = failures.Sum(static failure => failure.Cost.Lost);
        int duplicated = failures.Sum(static failure => failure.Cost.Duplicated);
        context.Measured(model, "published", Label, "", [confirmed], settings);
        context.Measured(model, "delivered once the node was back", Label, "", [heldBack], settings);
        context.Measured(model, "lost", Label, "", [lost], settings);
        context.Measured(model, "duplicated", Label, "", [duplicated], settings);
        AddNote(context, model);

        string what = model == ModelKind.Log ? "a partition with three replicas" : "a quorum queue of three members";
        string evidence = $"The leader of {what} was killed under load{(failures.Count > 1 ? $" {failures.Count} times" : "")}: "
            + $"of {Figures.Count(confirmed)} confirmed messages {lost} were lost, {duplicated} came more than once and {heldBack} only when the node was back; "
            + $"the consumer had no delivery for {Figures.Number(deliveries.Median)} ms, the publisher no confirm for {Figures.Number(confirms.Median)} ms";
        context.Judge(
            model == ModelKind.Log ? ClaimText.LogScaling : ClaimText.ExchangeScaling,
            Observe.That(
                model == ModelKind.Log ? ScalingExperiment.ReplicasTolerate : ScalingExperiment.ClusterStays, lost == 0,
                $"{evidence}.", $"{lost} confirmed messages were lost with the leader", isEssential: true));
        context.Weigh(Need.Availability, model, confirms, evidence);
    }

    private static void AddNote(ExperimentContext context, ModelKind model) => context.Outcome.Notes.Add(model == ModelKind.Log
        ? $"Kafka takes a killed broker for dead after broker.session.timeout.ms, {KafkaTarget.BrokerSessionTimeout.TotalSeconds:0} s here and 9 s by default; only then another replica leads."
        : "RabbitMQ has the node lead that a queue was declared at, so publisher and consumer were connected to the node that was killed: their connections had to be opened again at another node. "
            + "A quorum queue keeps what it had delivered by way of a dead node for consumer_disconnected_timeout, 60 s by default, or until the node is back: such messages come late, and unavailability does not count the wait for them.");
}
