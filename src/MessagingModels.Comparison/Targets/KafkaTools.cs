using System.Globalization;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Comparison.Targets;

/// <summary>One of Kafka's own tools failed; the message is its last line, or why it could not be started.</summary>
internal sealed class ToolFailedException(string message) : Exception(message);

/// <summary>Kafka's own command-line tools, run with Java: a second opinion on figures, and what the client library cannot do.</summary>
internal sealed class KafkaTools
{
    /// <summary>What has to be there for the tools to be run.</summary>
    public const string Needs = "KAFKA_HOME, java, /bin/sh and a broker without login or TLS";

    private readonly string _java;
    private readonly string _home;
    private readonly KafkaTarget _target;

    private KafkaTools(string java, string home, KafkaTarget target)
    {
        _java = java;
        _home = home;
        _target = target;
    }

    /// <summary>
    /// Null where there is no Java or no distribution at hand, where there is no shell to watch over the tools (Windows), or where the broker asks for
    /// a login or TLS, which the tools are set to in another way.
    /// </summary>
    public static KafkaTools? Find(KafkaTarget target)
    {
        if (target.HasClientSettings || OperatingSystem.IsWindows())
            return null;
        string? home = target.Home ?? Environment.GetEnvironmentVariable("KAFKA_HOME");
        IEnumerable<string> directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } javaHome)
            directories = directories.Prepend(Path.Combine(javaHome, "bin"));
        string? java = directories.Select(static directory => Path.Combine(directory, "java")).FirstOrDefault(File.Exists);
        return java is null || home is null || !Directory.Exists(Path.Combine(home, "libs")) ? null : new KafkaTools(java, home, target);
    }

    /// <summary>Produces as fast as it can (ProducerPerformance).</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="records">How many records.</param>
    /// <param name="bodies">The bodies that it picks from, without line ends.</param>
    /// <param name="properties">Settings of the producer.</param>
    /// <param name="times">Gets the processor time of the tool.</param>
    /// <param name="cancellationToken">Ends the tool.</param>
    /// <exception cref="ToolFailedException">It did not report a rate.</exception>
    public async Task<CountedRecords> ProduceAsync(
        string topic, int records, byte[][] bodies, IEnumerable<string> properties, ProcessorTimes times, CancellationToken cancellationToken)
    {
        await using ToolProcess process = ToolProcess.Create(_target.RunDirectory);
        string payload = await ToolPayload.WriteAsync(bodies, process.Directory, cancellationToken).ConfigureAwait(false);
        string[] arguments =
        [
            "--bootstrap-server", _target.BootstrapServers, "--topic", topic, "--num-records", Text(records), "--payload-file", payload, "--throughput", "-1",
            "--warmup-records", Text(records / 2), "--command-property", .. properties,
        ];
        return ToolOutput.ReadProduced(
            await RunAsync(process, "org.apache.kafka.tools.ProducerPerformance", arguments, times, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads a topic from its first record as fast as it can (ConsumerPerformance).</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="records">How many records; it waits for those that are not there yet.</param>
    /// <param name="group">The group it reads in.</param>
    /// <param name="properties">Settings of the consumer.</param>
    /// <param name="times">Gets the processor time of the tool.</param>
    /// <param name="cancellationToken">Ends the tool.</param>
    /// <exception cref="ToolFailedException">It did not report a rate.</exception>
    public async Task<CountedRecords> ConsumeAsync(
        string topic, int records, string group, IEnumerable<string> properties, ProcessorTimes times, CancellationToken cancellationToken)
    {
        await using ToolProcess process = ToolProcess.Create(_target.RunDirectory);
        string[] arguments =
        [
            "--bootstrap-server", _target.BootstrapServers, "--topic", topic, "--num-records", Text(records), "--group", group, "--timeout", "20000",
            "--show-detailed-stats", "--reporting-interval", "20", "--command-property", .. properties,
        ];
        return ToolOutput.ReadConsumed(
            await RunAsync(process, "org.apache.kafka.tools.ConsumerPerformance", arguments, times, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads as a member of a share group (ConsoleShareConsumer) until it is told to stop.</summary>
    /// <param name="topic">Where from; a new group begins at its end.</param>
    /// <param name="group">The group.</param>
    /// <param name="onOffset">Told of the offset of each record as it comes.</param>
    /// <param name="stop">Ends the tool, and with it this task, in good order.</param>
    /// <exception cref="ToolFailedException">The tool ended by itself: the broker has no share groups.</exception>
    public async Task ReadSharedAsync(string topic, string group, Action<long> onOffset, CancellationToken stop)
    {
        string[] arguments =
        [
            "--bootstrap-server", _target.BootstrapServers, "--topic", topic, "--group", group,
            "--formatter-property", "print.offset=true", "--formatter-property", "print.value=false",
        ];
        await using ToolProcess process = ToolProcess.Create(_target.RunDirectory);
        try
        {
            await process.StartAsync(Command("org.apache.kafka.tools.consumer.ConsoleShareConsumer", arguments), stop).ConfigureAwait(false);
            List<ToolLine> others = [];
            await foreach (string line in process.ReadLinesAsync(stop).ConfigureAwait(false))
            {
                if (ToolOutput.ReadOffset(line) is { } offset)
                    onOffset(offset);
                else
                    others.Add(new ToolLine(DateTime.Now, line));
            }

            throw new ToolFailedException(ToolOutput.LastLine(others));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It has read enough.
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private ShellCommand Command(string tool, IReadOnlyList<string> arguments)
        => new(_java, ["-Xmx256m", "-cp", Path.Combine(_home, "libs", "*"), tool, .. arguments]);

    private async Task<IReadOnlyList<ToolLine>> RunAsync(
        ToolProcess process, string tool, IReadOnlyList<string> arguments, ProcessorTimes times, CancellationToken cancellationToken)
    {
        await process.StartAsync(Command(tool, arguments), cancellationToken).ConfigureAwait(false);
        Task<int> exit = process.WaitForExitAsync(times.Look, cancellationToken);
        List<ToolLine> lines = [];
        await foreach (string line in process.ReadLinesAsync(cancellationToken).ConfigureAwait(false))
            lines.Add(new ToolLine(DateTime.Now, line));
        return await exit.ConfigureAwait(false) == 0 ? lines : throw new ToolFailedException(ToolOutput.LastLine(lines));
    }
}
