namespace MessagingModels.Cli.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private const string Small = "compare --targets native --experiments data-model --quick --repeat 1";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_run_can_be_saved_and_the_next_one_held_against_it()
    {
        IReadOnlyList<string> first = await ToolRun.OutputOfAsync($"{Small} --out {_directory} --save first");
        IReadOnlyList<string> second = await ToolRun.OutputOfAsync($"{Small} --out {_directory} --against first");

        string saved = Path.Combine(_directory.Path, "saved", "first.json");
        Assert.Contains($"Saved:  {saved}", first);
        Assert.True(File.Exists(saved));
        Assert.Contains(second, static line => line.StartsWith("Against 'first': ", StringComparison.Ordinal));
        Assert.Contains("id=\"changes\"", await File.ReadAllTextAsync(Path.Combine(_directory.Path, "comparison.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_never_saved_is_refused_before_anything_is_measured()
    {
        ToolRun run = await ToolRun.OfAsync($"compare --out {_directory} --against nothing");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("mm: There is no saved run 'nothing'", Assert.Single(run.Error), StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("file/below", "")]
    [InlineData("file", "")]
    [InlineData("taken", "")]
    [InlineData("kept", "--save first")]
    public async Task A_report_that_could_not_be_written_is_refused_before_anything_is_measured(string place, string save)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "file"), "");
        Directory.CreateDirectory(Path.Combine(_directory.Path, "taken", "comparison.html"));
        Directory.CreateDirectory(Path.Combine(_directory.Path, "kept"));
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "kept", "saved"), "no directory");

        ToolRun run = await ToolRun.OfAsync($"{Small} --out {_directory}/{place} {save}");

        Assert.Equal(2, run.ExitCode);
        string error = Assert.Single(run.Error);
        Assert.StartsWith($"mm: The report cannot be written to '{_directory}/{place}", error, StringComparison.Ordinal);
        Assert.EndsWith("Name another directory with --out.", error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_directory_for_the_report_is_made_and_holds_the_report_alone()
    {
        await ToolRun.OutputOfAsync($"{Small} --out {_directory}/a/b");

        Assert.Equal(["comparison.html", "comparison.json"], Directory.EnumerateFileSystemEntries(Path.Combine(_directory.Path, "a", "b")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_full_run_is_not_held_against_a_quick_one_unless_forced()
    {
        await ToolRun.OutputOfAsync($"{Small} --out {_directory} --save quick");
        ToolRun refused = await ToolRun.OfAsync($"compare --targets native --experiments data-model --repeat 1 --out {_directory} --against quick");
        IReadOnlyList<string> forced = await ToolRun.OutputOfAsync($"compare --targets native --experiments data-model --repeat 1 --out {_directory} --against quick --force");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("it was a quick run and this is a full one", Assert.Single(refused.Error), StringComparison.Ordinal);
        Assert.Contains("Compared by force: it was a quick run and this is a full one.", forced);
    }
}
