using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What the processes of a real broker take of memory, as they fill.</summary>
internal static class ServerMemory
{
    private const int Destinations = 100;

    public static async Task RunAsync(ExperimentContext context, ServerTarget target, CancellationToken cancellationToken)
    {
        target.DemandNodes();
        BrokerUsage idle = ReadUsage(target);

        // A process that has run gives little memory back: what follows is measured in a fresh one.
        context.Step("restart");
        await target.StopAsync().ConfigureAwait(false);
        await target.StartAsync(cancellationToken).ConfigureAwait(false);
        ModelKind model = context.Models[0];
        Report(context, "empty broker", Read(target), idle);
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        context.Step($"{Destinations} destinations");
        for (int i = 0; i < Destinations; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"memory-{i}");
            if (model == ModelKind.Exchange)
                await session.DeclareQueueAsync(name, cancellationToken).ConfigureAwait(false);
            else
                await session.CreateTopicAsync(name, 1, cancellationToken).ConfigureAwait(false);
        }

        Report(context, $"with {Destinations} {(model == ModelKind.Exchange ? "queues" : "topics")}", Read(target), idle);
        int messages = context.Scale.BacklogMessages / 10;
        context.Step($"{Figures.Number(messages)} messages");
        await using (IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false))
        {
            byte[] body = Load.CreateBody(MemoryProbe.BodyBytes, 1);
            for (int i = 0; i < messages; i++)
                await pipeline.EnqueueAsync(body, cancellationToken).ConfigureAwait(false);
            await pipeline.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        Report(context, $"with that and {Figures.Number(messages)} messages", Read(target), idle);
    }

    /// <summary>Adds a figure. What the processes held before the restart was measured too: among the settings it would keep two runs from being held against each other.</summary>
    internal static Measurement Report(ExperimentContext context, string label, double residentBytes, BrokerUsage idle) => context.Measured(
        null, "resident set", label, "B", [residentBytes], new Dictionary<string, string> { ["body"] = $"{MemoryProbe.BodyBytes} B" },
        new Dictionary<string, string> { ["before the restart"] = Figures.Bytes(idle.ResidentBytes) });

    private static double Read(ServerTarget target) => ReadUsage(target).ResidentBytes;

    private static BrokerUsage ReadUsage(ServerTarget target) => target.ReadUsage()
        ?? throw new InvalidOperationException("A process of the broker ended while its memory was read.");
}
