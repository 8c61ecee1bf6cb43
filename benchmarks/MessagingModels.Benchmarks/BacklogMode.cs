using System.Diagnostics;
using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>
/// A durable queue with millions of waiting messages of 100 B: what it costs in resident memory, and its rate of publishing and delivering
/// against that of an empty queue in the same process.
/// </summary>
internal static class BacklogMode
{
    public const int Messages = 5_000_000;

    private const int MessagesPerRun = 500_000;
    private const int Warmups = 2;
    private const int Repetitions = 5;

    public static async Task MeasureAsync(int messages)
    {
        using BenchmarkDirectory directory = new();
        await using EmbeddedBroker broker = await directory.StartBrokerAsync(Durability.PageCache);
        await broker.Exchanges.DeclareQueueAsync("empty");
        await broker.Exchanges.DeclareQueueAsync("full");
        double empty = await Repeats.MeasureAsync(
            "empty queue: publish and deliver", MessagesPerRun, Warmups, Repetitions, () => PipelineMode.RunQueueAsync(broker, "empty", MessagesPerRun));

        long before = Resident();
        await PipelineMode.PublishAsync(broker, "full", messages);
        long filled = Resident();
        Repeats.Print($"{messages} messages wait: {(filled - before) / 1e6:F0} MB more are resident ({before / 1e6:F0} before, {filled / 1e6:F0} after)");
        double full = await Repeats.MeasureAsync(
            "full queue: publish and deliver", MessagesPerRun, Warmups, Repetitions, () => PipelineMode.RunQueueAsync(broker, "full", MessagesPerRun));
        Repeats.Print($"rate of the full queue against the empty one: {full / empty:F2}; resident after it: {Resident() / 1e6:F0} MB");
    }

    /// <summary>Read after a collection, so that garbage does not count.</summary>
    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
