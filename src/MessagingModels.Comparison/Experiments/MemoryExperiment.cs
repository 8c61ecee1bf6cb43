using System.Globalization;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a broker takes of memory, with nothing in it and with many destinations and messages.</summary>
internal sealed class MemoryExperiment : IExperiment
{
    private sealed record State(string Name, double ResidentBytes, double HeapBytes);

    public ExperimentInfo Info { get; } = new(
        "memory", "Memory",
        "A new process starts a broker in memory, declares queues and topics, and fills one of each. After each step it collects all garbage and reads its "
        + "managed heap and its resident set. The resident set includes the runtime and what the collector keeps in reserve. "
        + "Kafka and RabbitMQ: the resident set of their processes alone, whose collectors cannot be told to run.");

    public bool IsLongOn(TargetKind kind) => kind != TargetKind.Native;

    public Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        => context.Target is ServerTarget server
            ? ServerMemory.RunAsync(context, server, cancellationToken)
            : RunNativeAsync(context, cancellationToken);

    private static async Task RunNativeAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        int messages = context.Scale.BacklogMessages / 10;
        context.Step("a process of its own");
        List<State> states = [];
        using (ChildProcess child = ChildProcess.Start(ChildProgram.MemoryMode, messages.ToString(CultureInfo.InvariantCulture)))
        {
            while (await child.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                string[] words = line.Split(' ');
                states.Add(new State(words[0], double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture)));
            }
        }

        if (states.Count != 6)
            throw new InvalidOperationException($"The child process ended after {states.Count} of 6 states.");
        Dictionary<string, string> settings = new() { ["durability"] = "Memory", ["body"] = $"{MemoryProbe.BodyBytes} B", ["garbage collector"] = "workstation" };
        context.Measured(null, "resident set", "process without a broker", "B", [states[0].ResidentBytes], settings);
        context.Measured(null, "resident set", "empty broker", "B", [states[1].ResidentBytes], settings);
        context.Measured(null, "heap", "empty broker", "B", [Growth(states, 1)], settings);
        context.Measured(ModelKind.Exchange, "heap for each empty queue", $"of {MemoryProbe.Destinations}", "B", [Growth(states, 2) / MemoryProbe.Destinations], settings);
        context.Measured(ModelKind.Log, "heap for each empty topic", $"of {MemoryProbe.Destinations}, one partition each", "B", [Growth(states, 3) / MemoryProbe.Destinations], settings);
        context.Measured(ModelKind.Exchange, "heap for each waiting message", $"of {Figures.Number(messages)}", "B", [Growth(states, 4) / messages], settings);
        context.Measured(ModelKind.Log, "heap for each stored record", $"of {Figures.Number(messages)}", "B", [Growth(states, 5) / messages], settings);
        context.Measured(null, "resident set", "with all of that", "B", [states[5].ResidentBytes], settings);
        context.AddChart(new Chart
        {
            Title = "Memory as a broker in memory fills",
            Kind = ChartKind.Bars,
            XLabel = "each step adds to those before it",
            YLabel = "MiB",
            Categories = ["process", "broker", $"+{MemoryProbe.Destinations} queues", $"+{MemoryProbe.Destinations} topics", $"+{Figures.Number(messages)} queued", $"+{Figures.Number(messages)} logged"],
            Series =
            [
                new("resident set", null, [.. states.Select(static (state, i) => new ChartPoint(i, state.ResidentBytes / 1024 / 1024))]),
                new("managed heap", null, [.. states.Select(static (state, i) => new ChartPoint(i, state.HeapBytes / 1024 / 1024))]),
            ],
            Caption = $"Durability Memory; messages of {MemoryProbe.BodyBytes} B. The backlog experiment has the heap for each message at PageCache.",
        });
    }

    private static double Growth(List<State> states, int i) => Math.Max(0, states[i].HeapBytes - states[i - 1].HeapBytes);
}
