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
        if (target.ReadUsage() is not { } idle)
            throw new NotSupportedException("this run did not start the broker's process, so its memory was not read.");

        // A process that has run gives little memory back: what follows is measured in a fresh one.
        context.Step("restart");
        await target.StopAsync().ConfigureAwait(false);
        await target.StartAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new() { ["before the restart"] = Figures.Bytes(idle.ResidentBytes), ["body"] = $"{MemoryProbe.BodyBytes} B" };
        ModelKind model = context.Models[0];
        context.Measured(null, "resident set", "empty broker", "B", [Read(target)], settings);
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

        context.Measured(null, "resident set", $"with {Destinations} {(model == ModelKind.Exchange ? "queues" : "topics")}", "B", [Read(target)], settings);
        int messages = context.Scale.BacklogMessages / 10;
        context.Step($"{Figures.Number(messages)} messages");
        await using (IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false))
        {
            byte[] body = Load.CreateBody(MemoryProbe.BodyBytes, 1);
            for (int i = 0; i < messages; i++)
                await pipeline.EnqueueAsync(body, cancellationToken).ConfigureAwait(false);
            await pipeline.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        context.Measured(null, "resident set", $"with that and {Figures.Number(messages)} messages", "B", [Read(target)], settings);
    }

    private static double Read(ServerTarget target) => target.ReadUsage()?.ResidentBytes
        ?? throw new InvalidOperationException("A process of the broker ended while its memory was read.");
}
