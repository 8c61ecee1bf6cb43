using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class JsonReportTests
{
    private static readonly JsonSchema Schema = LoadSchema();

    [Fact]
    public async Task A_report_is_valid_by_the_schema_that_ships_with_it()
        => Assert.Empty(Schema.Validate(await WriteAsync(SampleReport.Create())));

    [Fact]
    public async Task A_report_without_a_fault_matrix_is_valid_too()
        => Assert.Empty(Schema.Validate(await WriteAsync(SampleReport.Create() with { FaultMatrix = null })));

    [Fact]
    public async Task An_unfinished_report_is_valid_too_and_says_what_was_not_run()
    {
        JsonElement json = await WriteAsync(SampleReport.CreateUnfinished());

        Assert.Empty(Schema.Validate(json));
        JsonElement kafka = json.GetProperty("unfinished").GetProperty("notRun")[1];
        Assert.Equal("kafka", kafka.GetProperty("target").GetString());
        Assert.Equal(["throughput", "latency"], kafka.GetProperty("experiments").EnumerateArray().Select(static name => name.GetString()!));
        Assert.Equal(JsonValueKind.Null, (await WriteAsync(SampleReport.Create())).GetProperty("unfinished").ValueKind);
    }

    [Fact]
    public async Task A_report_of_version_2_0_is_read_as_complete()
    {
        JsonObject json = JsonNode.Parse((await WriteAsync(SampleReport.Create() with { SchemaVersion = "2.0" })).GetRawText())!.AsObject();
        json.Remove("unfinished");
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Assert.Null((await JsonReport.ReadAsync(stream, CancellationToken.None))!.Unfinished);
    }

    [Fact]
    public async Task A_report_of_three_systems_that_was_held_against_an_earlier_run_is_valid_too()
    {
        ComparisonReport report = ThreeSystemReport.Create();

        Assert.Empty(Schema.Validate(await WriteAsync(SavedRuns.Compare(new SavedRun("earlier", report, ["a mismatch"]), report))));
    }

    [Fact]
    public async Task Every_verdict_is_valid_by_the_schema()
    {
        ComparisonReport sample = SampleReport.Create();

        foreach (Verdict verdict in Enum.GetValues<Verdict>())
            Assert.Empty(Schema.Validate(await WriteAsync(sample with { Claims = [sample.Claims[0] with { Verdict = verdict }] })));
    }

    [Fact]
    public async Task The_schema_refuses_what_is_not_a_report()
    {
        JsonElement other = await WriteAsync(SampleReport.Create() with { SchemaVersion = "9.9" });

        Assert.Contains(Schema.Validate(other), static error => error.Contains("schemaVersion", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_experiment_shows_in_the_result()
    {
        JsonElement json = await WriteAsync(SampleReport.Create());

        Assert.False(json.GetProperty("succeeded").GetBoolean());
        Assert.Contains("It broke", json.GetProperty("experiments")[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_can_be_read_back()
    {
        ComparisonReport report = SampleReport.Create();
        using MemoryStream stream = new();
        await JsonReport.WriteAsync(report, stream, CancellationToken.None);
        stream.Position = 0;

        ComparisonReport? read = await JsonReport.ReadAsync(stream, CancellationToken.None);

        Assert.NotNull(read);
        Assert.Equal(report.Claims.Select(static claim => claim.Verdict), read.Claims.Select(static claim => claim.Verdict));
        TargetDescription target = report.Conditions.Targets[0];
        Assert.Equal(target, read.Conditions.Targets[0] with { Models = target.Models, Settings = target.Settings });
        Assert.Equal(target.Settings, read.Conditions.Targets[0].Settings);
        Assert.Equal(report.Experiments[0].Measurements[0].Median, read.Experiments[0].Measurements[0].Median);
    }

    internal static JsonSchema LoadSchema()
    {
        using Stream stream = typeof(ComparisonReport).Assembly.GetManifestResourceStream("report.schema.json")!;
        return new JsonSchema(JsonDocument.Parse(stream).RootElement);
    }

    internal static async Task<JsonElement> WriteAsync(ComparisonReport report)
    {
        using MemoryStream stream = new();
        await JsonReport.WriteAsync(report, stream, CancellationToken.None);
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }
}
