using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Three nodes of a real broker: what a copy on each costs, and what happens when the leader dies under load.</summary>
internal sealed class ClusterExperiment : IExperiment
{
    private const int BodyBytes = 1024;

    public ExperimentInfo Info { get; } = new(
        "cluster", "Clusters: three nodes, and the leader dies",
        "Three nodes run as local processes of this machine, with a topic of replication factor 3 (two in-sync replicas required) or a quorum queue of three members. "
        + "Throughput is that of one publisher and one consumer on one node and on three: on one machine three nodes share what one has for itself. "
        + "Then a publisher sends one message after the other, each confirmed, and the node that leads the partition or the queue gets SIGKILL. "
        + "Unavailability is the longest time from then on without a confirm, or without a delivery. Lost is what was confirmed and never delivered; duplicated, what was processed twice.");

    public bool IsLongOn(TargetKind kind) => kind != TargetKind.Native;

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        if (context.Target is not ServerTarget single)
        {
            context.Outcome.Notes.Add("The native target is one process and has no replicas: nothing here says anything about it.");
            return;
        }

        ModelKind model = context.Models[0];
        Durability level = model == ModelKind.Log ? Durability.PageCache : Durability.Fsync;
        context.Step("starting three nodes");
        await using ServerTarget cluster = await single.StartClusterAsync(cancellationToken).ConfigureAwait(false);
        double one = await MeasureAsync(context, single, model, level, "one node", cancellationToken).ConfigureAwait(false);
        double three = await MeasureAsync(context, cluster, model, level, "three nodes", cancellationToken).ConfigureAwait(false);
        context.Measured(model, "three nodes over one", "throughput", "x", [three / one], new Dictionary<string, string> { ["body"] = Figures.Bytes(BodyBytes) });
        context.Step("the leader dies under load");
        LeaderFailure failure = await LeaderFailure.RunAsync(cluster, model, level, context.Scale, cancellationToken).ConfigureAwait(false);
        Report(context, model, failure);
        Judge(context, model, failure);
    }

    private static async Task<double> MeasureAsync(
        ExperimentContext context, ServerTarget target, ModelKind model, Durability level, string label, CancellationToken cancellationToken)
    {
        context.Step($"throughput, {label}");
        await using TargetSession session = await target.OpenAsync(level, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        Counter consumed = new();
        UsageMeter usage = new(target, consumed);
        double[] rates = await Load.WhileAsync(
            [stop => Load.PublishAsync(pipeline, BodyBytes, consumed, stop), stop => pipeline.ConsumeAsync(null, consumed, stop)],
            load => usage.AroundAsync(() => Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken)), cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings.Concat(Load.Settings(BodyBytes)));
        usage.Report(context, model, label, settings);
        return context.Measured(model, "published, consumed and acknowledged", label, "messages/s", rates, settings).Median;
    }

    private static void Report(ExperimentContext context, ModelKind model, LeaderFailure failure)
    {
        Dictionary<string, string> settings = new(failure.Settings)
        {
            ["killed"] = $"the leader, node {failure.Leader.ToString(CultureInfo.InvariantCulture)} of 3, by SIGKILL",
            ["setting"] = failure.Setting,
        };
        context.Measured(model, "unavailability", "for the publisher", "ms", [failure.WithoutConfirm.TotalMilliseconds], settings);
        context.Measured(model, "unavailability", "for the consumer", "ms", [failure.WithoutDelivery.TotalMilliseconds], settings);
        context.Measured(model, "published", "three nodes, leader killed", "", [failure.Sent], settings);
        context.Measured(model, "lost", "three nodes, leader killed", "", [failure.Cost.Lost], settings);
        context.Measured(model, "duplicated", "three nodes, leader killed", "", [failure.Cost.Duplicated], settings);
        if (model == ModelKind.Log)
        {
            context.Outcome.Notes.Add(
                $"Kafka takes a killed broker for dead after broker.session.timeout.ms, {KafkaTarget.BrokerSessionTimeout.TotalSeconds:0} s here and 9 s by default; only then another replica leads.");
        }
    }

    private static void Judge(ExperimentContext context, ModelKind model, LeaderFailure failure)
    {
        string what = model == ModelKind.Log ? "a partition with three replicas" : "a quorum queue of three members";
        string evidence = $"The leader of {what} was killed under load: {Figures.Time(failure.WithoutConfirm)} without a confirm, {Figures.Time(failure.WithoutDelivery)} without a delivery; "
            + $"of {Figures.Count(failure.Sent)} messages {failure.Cost.Lost} were lost and {failure.Cost.Duplicated} came twice.";
        context.Judge(
            model == ModelKind.Log ? ClaimText.LogScaling : ClaimText.ExchangeScaling,
            Observe.That(
                model == ModelKind.Log ? ScalingExperiment.ReplicasTolerate : ScalingExperiment.ClusterStays, failure.Cost.Lost == 0,
                evidence, $"{failure.Cost.Lost} confirmed messages were lost with the leader", isEssential: true));
        context.Weigh(Need.Availability, model, failure.WithoutConfirm.TotalMilliseconds, evidence);
    }
}
