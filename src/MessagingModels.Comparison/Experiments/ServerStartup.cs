using System.Diagnostics;
using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How long a real broker takes until it serves clients: at first, after a clean stop and after a kill.</summary>
internal static class ServerStartup
{
    private const int BodyBytes = 1024;

    public static async Task RunAsync(ExperimentContext context, ServerTarget target, CancellationToken cancellationToken)
    {
        target.DemandNodes();

        Dictionary<string, string> first = new() { ["includes"] = "the broker's process alone; directories, a formatted log directory or a name daemon were prepared before" };
        context.Measured(null, "start of an empty broker", "cold process, from its start to ready", "ms", [target.StartTime!.Value.TotalMilliseconds], first);
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        int messages = context.Scale.BacklogMessages / 10;
        foreach (ModelKind model in context.Models)
        {
            context.Step($"{Figures.Number(messages)} messages");
            await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
            byte[] body = Load.CreateBody(BodyBytes, 1);
            for (int i = 0; i < messages; i++)
                await pipeline.EnqueueAsync(body, cancellationToken).ConfigureAwait(false);
            await pipeline.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (bool isKilled in new[] { false, true })
        {
            double[] times = new double[context.Scale.Starts];
            for (int i = 0; i < times.Length; i++)
            {
                context.Step(isKilled ? "start after a kill" : "start after a clean stop");
                await (isKilled ? target.KillAsync() : target.StopAsync()).ConfigureAwait(false);
                long start = Stopwatch.GetTimestamp();
                await target.StartAsync(cancellationToken).ConfigureAwait(false);
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            context.Measured(
                null, "opening a data directory", $"{Figures.Number(messages)} messages, {(isKilled ? "killed" : "clean stop")}", "ms", times,
                new Dictionary<string, string> { ["starts"] = times.Length.ToString(CultureInfo.InvariantCulture), ["body"] = Figures.Bytes(BodyBytes) });
        }

        if (target is KafkaTarget)
        {
            context.Outcome.Notes.Add(
                $"A killed Kafka broker stays registered for broker.session.timeout.ms and cannot come back before: {KafkaTarget.BrokerSessionTimeout.TotalSeconds:0} s here, 9 s by default.");
        }
    }
}
