using System.Globalization;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;
using Spectre.Console;

namespace MessagingModels.Cli.Output;

/// <summary>Shows a comparison on a terminal: its progress as it runs, then its tables. Plain lines where the output is no terminal.</summary>
internal sealed class ComparisonConsole
{
    private readonly IAnsiConsole _console;

    public ComparisonConsole(TextWriter output)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // A table that is written to a file or a pipe would else be cut to 80 columns.
        if (!_console.Profile.Out.IsTerminal)
            _console.Profile.Width = 200;
    }

    /// <summary>Runs the comparison and shows where it is.</summary>
    public Task<ComparisonReport> ShowProgressAsync(Func<IProgress<ComparisonProgress>, Task<ComparisonReport>> run)
        => _console.Profile.Capabilities.Interactive
            ? _console.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new ProgressBarColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(context => run(new News(this, context.AddTask("starting"))))
            : run(new News(this, bar: null));

    /// <summary>Writes the tables, and where the files are.</summary>
    public void ShowReport(ComparisonReport report, ReportFiles files)
    {
        foreach (SummaryTable summary in ReportSummary.Create(report))
        {
            Table table = new Table().Title(Markup.Escape(summary.Title)).Border(TableBorder.Rounded);
            foreach (SummaryColumn column in summary.Columns)
                table.AddColumn(new TableColumn(Markup.Escape(column.Heading)) { Alignment = column.IsNumeric ? Justify.Right : Justify.Left });
            foreach (IReadOnlyList<string> row in summary.Rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            _console.Write(table);
        }

        if (report.Workload.BadLineCount > 0)
        {
            _console.MarkupLineInterpolated($"[yellow]{report.Workload.BadLineCount} lines of {report.Workload.Source} could not be used:[/]");
            foreach (BadLine line in report.Workload.BadLines)
                _console.MarkupLineInterpolated($"  line {line.Number}: {line.Reason}");
        }

        foreach (string warning in report.Conditions.Warnings)
            _console.MarkupLineInterpolated($"[yellow]Note:[/] {warning}");
        _console.MarkupLineInterpolated($"Report: {files.HtmlPath}");
        _console.MarkupLineInterpolated($"Data:   {files.JsonPath}");
        _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Took {report.DurationSeconds:0.0} s."));
    }

    /// <summary>Takes the news as it comes: the runner waits meanwhile, so that lines keep their order.</summary>
    private sealed class News(ComparisonConsole owner, ProgressTask? bar) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value)
        {
            string counted = string.Create(CultureInfo.InvariantCulture, $"{value.Index}/{value.Count} {value.Experiment}");
            string seconds = string.Create(CultureInfo.InvariantCulture, $"{value.Elapsed.TotalSeconds:0.0} s");
            if (bar is not null)
            {
                bar.MaxValue = value.Count;
                bar.Value = value.Stage is ComparisonStage.Started or ComparisonStage.Step ? value.Index - 1 : value.Index;
                bar.Description = Markup.Escape($"{counted}: {(value.Detail.Length > 0 ? value.Detail : value.Title)}");
            }

            if (value.Stage is ComparisonStage.Finished)
                owner._console.MarkupLineInterpolated($"[green]done[/]   {counted} ({seconds}): {value.Detail}");
            else if (value.Stage is ComparisonStage.Failed)
                owner._console.MarkupLineInterpolated($"[red]failed[/] {counted} ({seconds}): {value.Detail}");
        }
    }
}
