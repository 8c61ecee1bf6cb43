namespace MessagingModels.Cli.Tests;

/// <summary>What a run of the tool answered.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The lines of its output, without blank ones.</param>
/// <param name="Error">The lines of its errors, without blank ones.</param>
internal sealed record ToolRun(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs a command line whose words hold no blanks, except for those in single quotes.</summary>
    public static Task<ToolRun> OfAsync(string commandLine, string input = "") => OfAsync(Words(commandLine), input);

    public static async Task<ToolRun> OfAsync(string[] args, string input = "", CancellationToken cancellationToken = default)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = await Tool.RunAsync(args, () => new StringReader(input), TextWriter.Synchronized(output), TextWriter.Synchronized(error), cancellationToken)
            .WaitAsync(Limit, CancellationToken.None);
        return new ToolRun(exitCode, Lines(output), Lines(error));
    }

    /// <summary>The same, for a command that is a step on the way: it must succeed.</summary>
    public static async Task<IReadOnlyList<string>> OutputOfAsync(string commandLine, string input = "")
    {
        ToolRun run = await OfAsync(commandLine, input);
        Assert.True(run.ExitCode == 0, $"mm {commandLine}: exit code {run.ExitCode}: {string.Join('\n', run.Error)}");
        return run.Output;
    }

    private static string[] Words(string commandLine)
        => [.. commandLine.Split('\'').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static string[] Lines(StringWriter writer) => writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A directory that is removed with its test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mm-cli-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public override string ToString() => Path;
}
