using System.Text.Json;
using System.Text.Json.Serialization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>
/// The report as JSON, in the format that <c>report.schema.json</c> describes. Properties that came after version 2.0 are null when a file lacks them,
/// whatever their initializers say: their getters make an empty value of it.
/// </summary>
internal static class JsonReport
{
    public static Task WriteAsync(ComparisonReport report, Stream output, CancellationToken cancellationToken)
        => JsonSerializer.SerializeAsync(output, report, JsonReportContext.Default.ComparisonReport, cancellationToken);

    public static ValueTask<ComparisonReport?> ReadAsync(Stream input, CancellationToken cancellationToken)
        => JsonSerializer.DeserializeAsync(input, JsonReportContext.Default.ComparisonReport, cancellationToken);
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ComparisonReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
