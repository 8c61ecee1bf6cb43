using System.Diagnostics;
using System.Globalization;

namespace MessagingModels.Comparison.Targets;

/// <summary>One of Kafka's own tools failed; the message is its last line.</summary>
internal sealed class ToolFailedException(string message) : Exception(message);

/// <summary>What producing or consuming came to.</summary>
/// <param name="Records">How many records were handled.</param>
/// <param name="RecordsPerSecond">The rate of the second half of them.</param>
/// <param name="CpuTime">The processor time that the client's process took for all of it; a tool's includes the start of the Java machine.</param>
internal readonly record struct ToolResult(int Records, double RecordsPerSecond, TimeSpan CpuTime);

/// <summary>Kafka's own command-line tools, run with Java: a second opinion on figures, and what the client library cannot do.</summary>
internal sealed class KafkaTools
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _java;
    private readonly string _home;
    private readonly string _servers;

    private KafkaTools(string java, string home, string servers)
    {
        _java = java;
        _home = home;
        _servers = servers;
    }

    /// <summary>Null where there is no Java or no distribution at hand, or the broker asks for a login or TLS, which the tools are set to in another way.</summary>
    public static KafkaTools? Find(KafkaTarget target)
    {
        if (target.HasClientSettings)
            return null;
        string? home = target.Home ?? Environment.GetEnvironmentVariable("KAFKA_HOME");
        string name = OperatingSystem.IsWindows() ? "java.exe" : "java";
        IEnumerable<string> directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } javaHome)
            directories = directories.Prepend(Path.Combine(javaHome, "bin"));
        string? java = directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
        return java is null || home is null || !Directory.Exists(Path.Combine(home, "libs")) ? null : new KafkaTools(java, home, target.BootstrapServers);
    }

    /// <summary>Produces as fast as it can (ProducerPerformance).</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="records">How many records.</param>
    /// <param name="payloadFile">The bodies that it picks from, one a line.</param>
    /// <param name="properties">Settings of the producer.</param>
    /// <param name="cancellationToken">Ends the tool.</param>
    /// <exception cref="ToolFailedException">It did not report a rate.</exception>
    public async Task<ToolResult> ProduceAsync(
        string topic, int records, string payloadFile, IEnumerable<string> properties, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--bootstrap-server", _servers, "--topic", topic, "--num-records", Text(records), "--payload-file", payloadFile, "--throughput", "-1",
            "--warmup-records", Text(records / 2), "--command-property", .. properties,
        ];
        (string output, TimeSpan cpu) = await RunAsync("org.apache.kafka.tools.ProducerPerformance", arguments, cancellationToken).ConfigureAwait(false);
        return new ToolResult(records, ToolOutput.ReadProducerRate(output), cpu);
    }

    /// <summary>Reads a topic from its first record as fast as it can (ConsumerPerformance).</summary>
    /// <exception cref="ToolFailedException">It did not report a rate.</exception>
    public async Task<ToolResult> ConsumeAsync(string topic, int records, string group, IEnumerable<string> properties, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--bootstrap-server", _servers, "--topic", topic, "--num-records", Text(records), "--group", group, "--timeout", "20000",
            "--show-detailed-stats", "--reporting-interval", "50", "--command-property", .. properties,
        ];
        (string output, TimeSpan cpu) = await RunAsync("org.apache.kafka.tools.ConsumerPerformance", arguments, cancellationToken).ConfigureAwait(false);
        return new ToolResult(records, ToolOutput.ReadConsumerRate(output), cpu);
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
            "--bootstrap-server", _servers, "--topic", topic, "--group", group, "--formatter-property", "print.offset=true", "--formatter-property", "print.value=false",
        ];
        using Process process = Start("org.apache.kafka.tools.consumer.ConsoleShareConsumer", arguments);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(stop);
            while (await process.StandardOutput.ReadLineAsync(stop).ConfigureAwait(false) is { } line)
            {
                if (ToolOutput.ReadOffset(line) is { } offset)
                    onOffset(offset);
            }

            throw new ToolFailedException(ToolOutput.LastLine(await errors.ConfigureAwait(false)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It has read enough.
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Process Start(string tool, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(_java) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["-Xmx256m", "-cp", Path.Combine(_home, "libs", "*"), tool, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new ToolFailedException($"{_java} did not start");
    }

    private async Task<(string Output, TimeSpan CpuTime)> RunAsync(string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(tool, arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errorOutput = process.StandardError.ReadToEndAsync(cancellationToken);
            TimeSpan cpu = await WatchAsync(process, cancellationToken).ConfigureAwait(false);
            string errors = await errorOutput.ConfigureAwait(false);
            return process.ExitCode == 0
                ? (await output.ConfigureAwait(false), cpu)
                : throw new ToolFailedException(ToolOutput.LastLine(errors.Length > 0 ? errors : await output.ConfigureAwait(false)));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its processor time as of the last look before that: a process that has ended cannot be asked.</returns>
    private static async Task<TimeSpan> WatchAsync(Process process, CancellationToken cancellationToken)
    {
        TimeSpan cpu = TimeSpan.Zero;
        Task exit = process.WaitForExitAsync(cancellationToken);
        while (await Task.WhenAny(exit, Task.Delay(LookInterval, cancellationToken)).ConfigureAwait(false) != exit)
        {
            try
            {
                cpu = process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                // It ended between the look and the question.
            }
        }

        await exit.ConfigureAwait(false);
        return cpu;
    }
}
