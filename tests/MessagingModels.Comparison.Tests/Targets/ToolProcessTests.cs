using MessagingModels.Comparison.Targets;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Comparison.Tests.Targets;

/// <summary>How tools are run, with shells in their place.</summary>
public sealed class ToolProcessTests : IDisposable
{
    private readonly WorkDirectory _work = WorkDirectory.Create(null);

    public ToolProcessTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no /bin/sh on Windows");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task Its_exit_code_its_processor_time_and_all_that_it_wrote_are_told()
    {
        await using ToolProcess tool = ToolProcess.Create(_work.Path);
        await tool.StartAsync(Shell("echo out; echo err >&2; i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; sleep 0.3; exit 3"), Stop);
        TimeSpan cpu = TimeSpan.Zero;

        Assert.Equal(3, await tool.WaitForExitAsync(used => cpu = used, Stop));

        Assert.True(cpu > TimeSpan.Zero);
        Assert.Equal(["out", "err"], await tool.ReadLinesAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Its_lines_come_while_it_runs_and_whole()
    {
        await using ToolProcess tool = ToolProcess.Create(_work.Path);
        string go = Path.Combine(tool.Directory, "go");
        await tool.StartAsync(Shell($"echo one; printf tw; while [ ! -f '{go}' ]; do sleep 0.05; done; echo o; echo three"), Stop);
        List<string> lines = [];

        await foreach (string line in tool.ReadLinesAsync(Stop))
        {
            lines.Add(line);
            await File.WriteAllTextAsync(go, "", Stop);
        }

        Assert.Equal(["one", "two", "three"], lines);
    }

    [Fact]
    public async Task Disposal_ends_it_and_removes_its_files()
    {
        ToolProcess tool = ToolProcess.Create(_work.Path);
        await File.WriteAllTextAsync(Path.Combine(tool.Directory, "payload"), "x", Stop);
        await tool.StartAsync(Shell("exec sleep 600"), Stop);
        Task<int> exit = tool.WaitForExitAsync(static _ => { }, Stop);

        await tool.DisposeAsync();

        Assert.Equal(128 + 9, await exit);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_work.Path));
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_a_failure_of_the_tool()
    {
        string file = Path.Combine(_work.Path, "file");
        File.WriteAllText(file, "");

        Assert.Contains(file, Assert.Throws<ToolFailedException>(() => ToolProcess.Create(Path.Combine(file, "below"))).Message, StringComparison.Ordinal);
    }

    private static ShellCommand Shell(string script) => new("/bin/sh", ["-c", script]);
}
