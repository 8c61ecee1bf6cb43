using System.CommandLine;
using MessagingModels.Cli.Output;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm compare</c>: runs the comparison and writes its report.</summary>
internal static class CompareCommand
{
    private const string DefaultDirectory = "mm-report";

    public static Command Create()
    {
        Option<string> directory = new("--out", "-o") { Description = "Where the report goes.", HelpName = "DIR", DefaultValueFactory = _ => DefaultDirectory };
        Option<string?> experiments = new("--experiments") { Description = "Run just these, by name, separated by commas.", HelpName = "NAME,..." };
        Option<string?> targets = new("--targets") { Description = $"Run on these alone, of {string.Join(", ", ComparisonRunner.Targets)}; else on all that can be had.", HelpName = "NAME,..." };
        Option<bool> quick = new("--quick") { Description = "Short windows: a third of the time or less, with a wider spread." };
        Option<int> repeat = new("--repeat") { Description = "How many windows each figure is the median of.", HelpName = "N", DefaultValueFactory = _ => 3 };
        Option<string?> messages = new("--messages") { Description = "A file of JSON lines that serve as messages.", HelpName = "FILE" };
        Option<string?> key = new("--key") { Description = "The field of each line that holds the partition key.", HelpName = "FIELD" };
        Option<string?> route = new("--route") { Description = "The field of each line that holds the routing key.", HelpName = "FIELD" };
        Option<bool> strict = new("--strict") { Description = "Stop at the first line that cannot be used." };
        Command command = new("compare", "Compare both models by experiment, on this machine.")
        {
            directory, targets, experiments, quick, repeat, messages, key, route, strict,
        };
        command.Validators.Add(result =>
        {
            bool hasFile = result.GetResult(messages) is not null;
            bool hasKey = result.GetResult(key) is not null;
            bool hasRoute = result.GetResult(route) is not null;
            if (hasFile && !(hasKey && hasRoute))
                result.AddError("--messages needs --key and --route: the fields that hold partition key and routing key.");
            else if (!hasFile && (hasKey || hasRoute || result.GetResult(strict) is { Implicit: false }))
                result.AddError("--key, --route and --strict go with --messages.");
        });
        BrokerOptions brokers = new();
        brokers.AddTo(command);
        BaselineOptions baseline = new();
        baseline.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            ComparisonOptions options = new()
            {
                Targets = Names(parsed.GetValue(targets)),
                Experiments = Names(parsed.GetValue(experiments)),
                Quick = parsed.GetValue(quick),
                Repeat = parsed.GetValue(repeat),
                MessagesFile = parsed.GetValue(messages),
                KeyField = parsed.GetValue(key),
                RouteField = parsed.GetValue(route),
                Strict = parsed.GetValue(strict),
            };
            return RunAsync(brokers.Read(parsed, options), parsed.GetRequiredValue(directory), baseline.Read(parsed), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static async Task<int> RunAsync(
        ComparisonOptions options, string directory, Baseline baseline, TextWriter output, CancellationToken cancellationToken)
    {
        SavedRun? earlier = await baseline.OpenAsync(directory, options, cancellationToken).ConfigureAwait(false);
        ComparisonConsole console = new(output);
        UnfinishedReport unfinished = new(directory, console);
        ComparisonReport report;
        ReportFiles files;
        try
        {
            report = await console.ShowProgressAsync(
                progress => ComparisonRunner.RunAsync(options, progress, unfinished.KeepAsync, cancellationToken)).ConfigureAwait(false);
            if (earlier is not null)
                report = SavedRuns.Compare(earlier, report);
            files = await ReportWriter.WriteAsync(report, directory, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            unfinished.ShowAfterInterruption();
            throw;
        }

        string? savedPath = await baseline.SaveAsync(report, directory, cancellationToken).ConfigureAwait(false);
        console.ShowReport(report, files, savedPath);
        return report.Succeeded ? 0 : 1;
    }
}
