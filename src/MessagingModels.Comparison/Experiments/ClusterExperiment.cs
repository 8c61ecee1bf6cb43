using System.Diagnostics;
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
    private const int Kills = 3;
    private const int KillsOfQuickRun = 1;

    // No further kill where another one like the longest so far would end after this time.
    private static readonly TimeSpan KillBudget = TimeSpan.FromSeconds(60);

    public ExperimentInfo Info { get; } = new(
        "cluster", "Clusters: three nodes, and the leader dies",
        "Nodes run as local processes of this machine, with a topic of replication factor 3 (two in-sync replicas required) or a quorum queue of three members. "
        + "Throughput is that of one publisher and one consumer on one fresh node and then on three, each node set as every other, one cluster at a time and after the same uncounted load: "
        + "on one machine three nodes share what one has for itself. "
        + $"Then a publisher keeps up to {WindowPublisher.Window} messages in flight, and the node that leads the partition or the queue gets SIGKILL; it is started again, and once all nodes are in sync the next leader is killed, {Kills} in all and {KillsOfQuickRun} in a quick run. "
        + "Unavailability is the longest time from the signal on without a confirm, or without a delivery. Lost is what was confirmed and never delivered; duplicated, what was delivered more than once.");

    public bool IsLongOn(TargetKind kind) => kind != TargetKind.Native;

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        if (context.Target is not ServerTarget own)
            throw new NotSupportedException("it is one process and has no replicas: nothing here says anything about it.");

        bool isStopped = own.Nodes.Count > 0;
        if (isStopped)
            await own.StopAsync().ConfigureAwait(false);
        else
            context.Outcome.Notes.Add($"{own.Description.Name}: the broker of the other experiments ran beside the nodes of this one, idle: {own.WhyNoNodes}.");
        try
        {
            await RunAsync(context, own, cancellationToken).ConfigureAwait(false);
        }
        catch (TargetUnavailableException exception) when (!exception.WasConfigured)
        {
            // Whoever gives an address, or has containers, need not have a distribution too.
            throw new NotSupportedException($"its nodes are local processes, and there is nothing to start them from: {exception.Message}", exception);
        }
        finally
        {
            if (isStopped && !cancellationToken.IsCancellationRequested)
                await own.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(ExperimentContext context, ServerTarget own, CancellationToken cancellationToken)
    {
        ModelKind model = context.Models[0];
        Durability level = model == ModelKind.Log ? Durability.PageCache : Durability.Fsync;
        context.Step("starting one node");
        Measurement one;
        await using (ServerTarget single = await own.StartNodesAsync(1, cancellationToken).ConfigureAwait(false))
            one = await MeasureAsync(context, single, model, level, "one node", cancellationToken).ConfigureAwait(false);
        context.Step("starting three nodes");
        await using ServerTarget cluster = await own.StartNodesAsync(3, cancellationToken).ConfigureAwait(false);
        Measurement three = await MeasureAsync(context, cluster, model, level, "three nodes", cancellationToken).ConfigureAwait(false);
        context.MeasuredRatio(model, "three nodes over one", "throughput", Spread.Of(three.Repeats).Over(Spread.Of(one.Repeats)), new Dictionary<string, string>(NodeSettings(cluster))
        {
            ["body"] = Figures.Bytes(BodyBytes),
            ["nodes"] = "1 and 3, the same settings for each; one cluster at a time, the broker of the other experiments stopped where this run started it",
            ["of"] = string.Create(CultureInfo.InvariantCulture, $"{Words.Count(one.Repeats.Count, "window")} each after the same warm-up"),
        });
        if (model == ModelKind.Log)
            context.Judge(ClaimText.LogScaling, ClusterFindings.OfThroughput(one, three));
        await KillAsync(context, cluster, model, level, cancellationToken).ConfigureAwait(false);
    }

    private static Dictionary<string, string> NodeSettings(ServerTarget target) => target is KafkaTarget
        ? new Dictionary<string, string> { ["heap of each node"] = target.Description.Settings.GetValueOrDefault("heap", "unknown") }
        : new Dictionary<string, string> { ["memory limit of each node"] = "RabbitMQ's default, a share of the machine's memory" };

    private static async Task<Measurement> MeasureAsync(
        ExperimentContext context, ServerTarget target, ModelKind model, Durability level, string label, CancellationToken cancellationToken)
    {
        context.Step($"throughput, {label}");
        await using TargetSession session = await target.OpenAsync(level, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        Counter consumed = new();
        UsageMeter usage = new(target, consumed);
        TimeSpan warmup = 24 * context.Scale.Warmup;
        double[] rates = await Load.SaturateAsync(
            pipeline, BodyBytes, consumed,
            async load =>
            {
                // Brokers that have just started compile as they go.
                await Throughput.WaitUntilAsync(() => consumed.Value > 0, load, cancellationToken).ConfigureAwait(false);
                await Task.WhenAny(load, Task.Delay(warmup, cancellationToken)).ConfigureAwait(false);
                return await Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken, atBoundary: usage.Read).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings.Concat(Load.Settings(BodyBytes)).Concat(NodeSettings(target)))
        {
            ["warm-up"] = Figures.Time(warmup),
        };
        Measurement figure = context.Measured(
            model, "published, consumed and acknowledged", label, "messages/s", rates, settings, ToolCheck.Announce(target, context.Scale, pipeline.Observations));
        usage.Report(context, model, label, settings);
        if (target is KafkaTarget kafka)
            await ToolCheck.BothAtOnceAsync(context, kafka, level, label, BodyBytes, figure, usage, cancellationToken).ConfigureAwait(false);
        return figure;
    }

    private static async Task KillAsync(ExperimentContext context, ServerTarget cluster, ModelKind model, Durability level, CancellationToken cancellationToken)
    {
        List<LeaderFailure> failures = [];
        long start = Stopwatch.GetTimestamp();
        TimeSpan longest = TimeSpan.Zero;
        int kills = context.Scale.IsFull ? Kills : KillsOfQuickRun;
        try
        {
            while (failures.Count < kills && Stopwatch.GetElapsedTime(start) + longest < KillBudget)
            {
                context.Step($"the leader dies under load, {failures.Count + 1} of {kills}");
                long begin = Stopwatch.GetTimestamp();
                failures.Add(await LeaderFailure.RunAsync(cluster, model, level, cancellationToken).ConfigureAwait(false));
                longest = Stopwatch.GetElapsedTime(begin) is var time && time > longest ? time : longest;
            }
        }
        finally
        {
            if (failures.Count > 0)
                LeaderFindings.Report(context, model, failures);
        }
    }
}
