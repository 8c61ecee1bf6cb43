using System.Text.Json.Nodes;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Reporting;

public sealed class SavedRunsTests : IDisposable
{
    private static readonly RunConditions Here = SampleReport.Create().Conditions;

    private readonly string _directory = Directory.CreateTempSubdirectory("mm-saved-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    public static TheoryData<string, string> OtherMachines { get; } = new()
    {
        { "processor", "the processor was A processor (X64) and is Another one (X64)" },
        { "architecture", "the processor was A processor (X64) and is A processor (Arm64)" },
        { "cores", "there were 2 cores and are 4" },
        { "memory", "memory was 8 GiB and is 16 GiB" },
        { "system", "the operating system was Linux and is Windows" },
        { "build", "it was a Release build and this is a Debug build" },
    };

    [Fact]
    public async Task A_saved_run_is_read_back_without_what_it_was_held_against()
    {
        ComparisonReport report = OnThisMachine();
        string path = await SavedRuns.SaveAsync(SavedRuns.Compare(new SavedRun("old", report, []), report), _directory, "first");

        SavedRun saved = await SavedRuns.OpenAsync(_directory, "first", new ComparisonOptions(), force: false);

        Assert.Equal(Path.Combine(_directory, "saved", "first.json"), path);
        Assert.Equal(report.StartedAt, saved.Report.StartedAt);
        Assert.Null(saved.Report.Against);
        Assert.Empty(saved.Mismatches);
    }

    [Fact]
    public async Task A_run_can_be_named_by_its_file()
    {
        string path = await SavedRuns.SaveAsync(OnThisMachine(), _directory, "first");

        Assert.Equal(path, (await SavedRuns.OpenAsync("elsewhere", path, new ComparisonOptions(), force: false)).Name);
    }

    [Fact]
    public async Task Saving_under_a_name_again_replaces_the_run()
    {
        await SavedRuns.SaveAsync(OnThisMachine(), _directory, "first");
        await SavedRuns.SaveAsync(OnThisMachine() with { Command = "another" }, _directory, "first");

        Assert.Equal("another", (await SavedRuns.OpenAsync(_directory, "first", new ComparisonOptions(), force: false)).Report.Command);
        Assert.Single(Directory.GetFiles(Path.Combine(_directory, "saved")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    public void A_name_that_is_no_file_name_everywhere_is_refused(string name)
        => Assert.Contains("letters, digits", Assert.Throws<ComparisonInputException>(() => SavedRuns.PathOf(_directory, name)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_run_that_is_not_there_is_refused_with_those_there_are()
    {
        string none = await RefusalAsync("second");
        await SavedRuns.SaveAsync(OnThisMachine(), _directory, "first");
        string one = await RefusalAsync("second");

        Assert.Contains("--save NAME makes one", none, StringComparison.Ordinal);
        Assert.Contains("There are: first.", one, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON at all", "is not a report of mm compare")]
    [InlineData("{}", "is not a report of mm compare")]
    public async Task A_file_that_is_no_report_is_refused(string content, string reason)
    {
        string path = Path.Combine(_directory, "other.json");
        await File.WriteAllTextAsync(path, content);

        Assert.Contains(reason, await RefusalAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_another_schema_is_refused()
    {
        await SavedRuns.SaveAsync(OnThisMachine() with { SchemaVersion = "9.0" }, _directory, "future");

        Assert.Contains("another schema version", await RefusalAsync("future"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OtherMachines))]
    public void A_run_of_another_machine_or_build_is_refused_with_the_reason(string what, string reason)
    {
        RunConditions other = Other(what);

        ComparisonInputException refusal = Assert.Throws<ComparisonInputException>(() => SavedRuns.Check("old", SampleReport.Create(), other, new ComparisonOptions(), force: false));
        SavedRun forced = SavedRuns.Check("old", SampleReport.Create(), other, new ComparisonOptions(), force: true);

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--force", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([reason], forced.Mismatches);
    }

    [Fact]
    public void Two_machines_of_one_type_are_two()
    {
        ComparisonReport there = SampleReport.Create() with { Conditions = Here with { MachineId = MachineIdentity.Hash("there") } };

        ComparisonInputException refusal = Assert.Throws<ComparisonInputException>(
            () => SavedRuns.Check("old", there, Here with { MachineId = MachineIdentity.Hash("here") }, new ComparisonOptions(), force: false));

        Assert.Contains("it was made on another machine", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_whose_system_was_updated_is_the_same_and_the_update_is_told()
    {
        ComparisonReport report = SampleReport.Create() with { Conditions = Here with { MachineId = MachineIdentity.Hash("here") } };
        ComparisonReport updated = report with { Conditions = report.Conditions with { OperatingSystem = "Linux, a newer one" } };

        SavedRun saved = SavedRuns.Check("old", report, updated.Conditions, new ComparisonOptions(), force: false);

        Assert.Empty(saved.Mismatches);
        Assert.Equal(["the operating system was Linux and is Linux, a newer one"], SavedRuns.Compare(saved, updated).Against!.AlsoChanged);
    }

    [Fact]
    public async Task A_run_that_was_saved_before_runs_told_their_machine_can_still_be_compared()
    {
        string path = await SavedRuns.SaveAsync(OnThisMachine(), _directory, "first");
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        foreach ((JsonObject holder, string added) in Added(json))
            Assert.True(holder.Remove(added), added);
        await File.WriteAllTextAsync(path, json.ToJsonString());

        SavedRun saved = await SavedRuns.OpenAsync(_directory, "first", new ComparisonOptions(), force: false);

        Assert.Empty(saved.Mismatches);
        Assert.NotNull(SavedRuns.Compare(saved, OnThisMachine()).Against);
        Assert.Empty(saved.Report.Conditions.MachineId);
        Assert.All(saved.Report.Experiments, static experiment => Assert.Empty(experiment.Outcomes));
    }

    [Fact]
    public void The_machine_is_known_by_a_hash_that_stays_and_does_not_name_it()
    {
        Assert.Equal(MachineIdentity.Read(), MachineIdentity.Read());
        Assert.Matches("^[0-9a-f]{16}$", MachineIdentity.Read());
        Assert.DoesNotContain(Environment.MachineName, MachineIdentity.Read(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_quick_run_is_not_compared_with_a_full_one()
    {
        ComparisonInputException refusal = Assert.Throws<ComparisonInputException>(
            () => SavedRuns.Check("old", SampleReport.Create(), Here, new ComparisonOptions { Quick = true }, force: false));

        Assert.Contains("it was a full run and this is a quick one", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unfinished_run_cannot_be_saved()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SavedRuns.SaveAsync(SampleReport.CreateUnfinished(), _directory, "half"));

        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task An_unfinished_run_is_not_compared_unless_forced()
    {
        ReportFiles files = await ReportWriter.WriteAsync(OnThisMachine() with { Unfinished = SampleReport.CreateUnfinished().Unfinished }, _directory);

        string refusal = await RefusalAsync(files.JsonPath);
        SavedRun forced = await SavedRuns.OpenAsync(_directory, files.JsonPath, new ComparisonOptions(), force: true);

        Assert.Contains("it was not run to its end, with 3 experiments still to come", refusal, StringComparison.Ordinal);
        Assert.Single(forced.Mismatches);
    }

    [Fact]
    public void A_little_less_memory_is_the_same_machine()
        => Assert.Empty(SavedRuns.Check("old", SampleReport.Create(), Here with { MemoryBytes = Here.MemoryBytes - (1 << 20) }, new ComparisonOptions(), force: false).Mismatches);

    private static RunConditions Other(string what) => what switch
    {
        "processor" => Here with { Processor = "Another one" },
        "architecture" => Here with { Architecture = "Arm64" },
        "cores" => Here with { Cores = 4 },
        "memory" => Here with { MemoryBytes = 16L << 30 },
        "system" => Here with { OperatingSystem = "Windows" },
        _ => Here with { Configuration = "Debug" },
    };

    /// <summary>What version 2.0 of the format did not have.</summary>
    private static IEnumerable<(JsonObject Holder, string Added)> Added(JsonNode report)
    {
        yield return (report["options"]!.AsObject(), "withoutContainers");
        yield return (report["conditions"]!.AsObject(), "machineId");
        foreach (JsonNode? experiment in report["experiments"]!.AsArray())
            yield return (experiment!.AsObject(), "outcomes");
        foreach (JsonNode? target in report["conditions"]!["targets"]!.AsArray())
            yield return (target!.AsObject(), "failedBefore");
        foreach (JsonNode? target in report["conditions"]!["unavailableTargets"]!.AsArray())
            yield return (target!.AsObject(), "wasConfigured");
    }

    private static ComparisonReport OnThisMachine()
    {
        ComparisonReport sample = SampleReport.Create();
        return sample with
        {
            Conditions = ConditionsProbe.Read(Path.GetTempPath()) with { Targets = sample.Conditions.Targets, UnavailableTargets = [new UnavailableTarget("kafka", "there is none", WasAsked: false)] },
        };
    }

    private async Task<string> RefusalAsync(string name)
        => (await Assert.ThrowsAsync<ComparisonInputException>(() => SavedRuns.OpenAsync(_directory, name, new ComparisonOptions(), force: false))).Message;
}
