using System.Diagnostics;
using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How long a broker takes to be ready: empty, cold, after a clean stop and after a kill.</summary>
internal sealed class StartupExperiment : IExperiment
{
    private const int WarmStarts = 10;
    private const int BodyBytes = 1024;

    // What keeps other processes out of a data directory; a killed process's is free.
    private const string LockFile = ".lock";

    public ExperimentInfo Info { get; } = new(
        "startup", "Start-up and recovery time",
        "Warm: an empty broker in this process, which has compiled the code before. Cold: a new process, from the start that the operating system recorded and from its first line of code. "
        + "Recovery: a broker on a data directory with messages in a queue and a topic, once after a clean stop and once where the files are as a killed process leaves them. "
        + "Kafka and RabbitMQ: their processes are stopped, or killed, and started again; ready is when they serve clients.");

    public bool IsLongOn(TargetKind kind) => kind != TargetKind.Native;

    public Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        => context.Target switch
        {
            NativeTarget native => RunAsync(context, native, cancellationToken),
            ServerTarget server => ServerStartup.RunAsync(context, server, cancellationToken),
            _ => Task.CompletedTask,
        };

    private static async Task RunAsync(ExperimentContext context, NativeTarget target, CancellationToken cancellationToken)
    {
        context.Step("warm starts");
        double[] warm = new double[WarmStarts];
        for (int i = 0; i < warm.Length; i++)
            warm[i] = await TimeAsync(target, Durability.Memory, cancellationToken).ConfigureAwait(false);
        double warmMedian = Report(context, "start of an empty broker", "warm, in memory", warm);

        context.Step("cold processes");
        List<double> whole = [];
        List<double> inside = [];
        for (int i = 0; i < context.Scale.Starts; i++)
        {
            using ChildProcess child = ChildProcess.Start(ChildProgram.StartMode);
            string[] times = (await child.ExpectLineAsync(cancellationToken).ConfigureAwait(false)).Split(' ');
            whole.Add(double.Parse(times[0], CultureInfo.InvariantCulture));
            inside.Add(double.Parse(times[1], CultureInfo.InvariantCulture));
        }

        double coldMedian = Report(context, "start of an empty broker", "cold process, from its start to ready", whole);
        double insideMedian = Report(context, "start of an empty broker", "cold process, the broker alone", inside);

        context.Step("recovery");
        int messages = context.Scale.BacklogMessages / 10;
        double clean = Report(context, "opening a data directory", $"{Figures.Number(messages)} queued and logged, clean stop", await RecoverAsync(context, target, messages, isKilled: false, cancellationToken).ConfigureAwait(false));
        double killed = Report(context, "opening a data directory", $"{Figures.Number(messages)} queued and logged, killed", await RecoverAsync(context, target, messages, isKilled: true, cancellationToken).ConfigureAwait(false));
        AddChart(context, [("warm", warmMedian), ("cold, broker alone", insideMedian), ("cold, process", coldMedian), ("clean stop", clean), ("killed", killed)]);
    }

    private static double Report(ExperimentContext context, string metric, string label, IReadOnlyList<double> milliseconds)
        => context.Measured(null, metric, label, "ms", milliseconds, new Dictionary<string, string> { ["starts"] = milliseconds.Count.ToString(CultureInfo.InvariantCulture) }).Median;

    private static async Task<double> TimeAsync(NativeTarget target, Durability durability, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        await using NativeSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<double[]> RecoverAsync(ExperimentContext context, NativeTarget target, int messages, bool isKilled, CancellationToken cancellationToken)
    {
        await using NativeSession session = await target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        foreach (ModelKind model in context.Models)
        {
            await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
            byte[] body = Load.CreateBody(BodyBytes, 1);
            for (int i = 0; i < messages; i++)
                await pipeline.EnqueueAsync(body, cancellationToken).ConfigureAwait(false);
            await pipeline.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        double[] times = new double[context.Scale.Starts];
        for (int i = 0; i < times.Length; i++)
        {
            // A copy of the files of a running broker is what a kill leaves: nothing was closed, nothing marked as clean.
            string? copy = isKilled ? CopyFiles(session.DataDirectory!) : null;
            await session.CloseAsync().ConfigureAwait(false);
            if (copy is not null)
            {
                WorkDirectory.Remove(session.DataDirectory!);
                Directory.Move(copy, session.DataDirectory!);
            }

            long start = Stopwatch.GetTimestamp();
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times;
    }

    private static string CopyFiles(string directory)
    {
        string copy = directory + "-copy";
        Directory.CreateDirectory(copy);
        foreach (string child in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(directory, child)));
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != LockFile))
        {
            using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream target = File.Create(Path.Combine(copy, Path.GetRelativePath(directory, file)));
            source.CopyTo(target);
        }

        return copy;
    }

    private static void AddChart(ExperimentContext context, IReadOnlyList<(string Name, double Milliseconds)> times) => context.AddChart(new Chart
    {
        Title = "Time until a broker is ready",
        Kind = ChartKind.Bars,
        XLabel = "empty broker (three on the left), data directory with messages (two on the right)",
        YLabel = "ms",
        Categories = [.. times.Select(static time => time.Name)],
        Series = [new("time to ready", null, [.. times.Select(static (time, i) => new ChartPoint(i, time.Milliseconds))])],
        Caption = $"Recovery of {Figures.Number(context.Scale.BacklogMessages / 10)} messages of {Figures.Bytes(BodyBytes)} in a queue and as many in a topic.",
    });
}
