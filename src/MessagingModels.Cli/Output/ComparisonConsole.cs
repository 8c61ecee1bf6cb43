using System.Globalization;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;
using Spectre.Console;

namespace MessagingModels.Cli.Output;

/// <summary>
/// Shows a comparison on a terminal: its progress as it runs, then its tables. Where the output is no terminal: plain lines, a row of a table
/// on each, nothing cut or wrapped.
/// </summary>
internal sealed class ComparisonConsole
{
    private const int ShortCell = 15;

    private readonly TextWriter _output;
    private readonly IAnsiConsole _console;

    public ComparisonConsole(TextWriter output)
    {
        _output = output;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
    }

    private bool IsPlain => !_console.Profile.Out.IsTerminal;

    /// <summary>Runs the comparison and shows where it is.</summary>
    public Task<ComparisonReport> ShowProgressAsync(Func<IProgress<ComparisonProgress>, Task<ComparisonReport>> run)
        => _console.Profile.Capabilities.Interactive && !IsPlain
            ? _console.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new ProgressBarColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(context => run(new News(this, context.AddTask("starting"))))
            : run(new News(this, bar: null));

    /// <summary>Writes the tables, and where the files are.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="files">Where the report is.</param>
    /// <param name="savedPath">Where the run was saved for later comparison; null where it was not.</param>
    public void ShowReport(ComparisonReport report, ReportFiles files, string? savedPath = null)
    {
        foreach (SummaryTable table in ReportSummary.Create(report))
            Show(table);
        if (report.Against is { } difference)
            ShowDifference(difference);
        if (report.Workload.BadLineCount > 0)
        {
            WriteLine("yellow", $"{report.Workload.BadLineCount} lines of {report.Workload.Source} could not be used:", "");
            foreach (BadLine line in report.Workload.BadLines)
                WriteLine("", "", $"  line {line.Number}: {line.Reason}");
        }

        foreach (string warning in report.Conditions.Warnings)
            WriteLine("yellow", "Note:", $" {warning}");
        ShowFiles(files);
        if (savedPath is not null)
            WriteLine("", "", $"Saved:  {savedPath}");
        WriteLine("", "", string.Create(CultureInfo.InvariantCulture, $"Took {report.DurationSeconds:0.0} s."));
    }

    /// <summary>Says where a running comparison keeps what it has measured.</summary>
    public void ShowUnfinished(ReportFiles files)
        => WriteLine("", "", $"So far: {files.HtmlPath} (written after each experiment, until the run has come to its end)");

    /// <summary>Says that a running comparison cannot keep what it has measured.</summary>
    public void ShowNotKept(string reason)
        => WriteLine("yellow", "Note:", $" what was measured so far could not be written, and would be lost with this process: {reason}");

    /// <summary>Says where an interrupted comparison left what it had measured.</summary>
    public void ShowInterrupted(ReportFiles files)
    {
        WriteLine("yellow", "Interrupted:", " what had been measured is kept as an unfinished report.");
        ShowFiles(files);
    }

    private void ShowFiles(ReportFiles files)
    {
        WriteLine("", "", $"Report: {files.HtmlPath}");
        WriteLine("", "", $"Data:   {files.JsonPath}");
    }

    private void ShowDifference(RunDifference difference)
    {
        foreach (string mismatch in difference.Mismatches)
            WriteLine("yellow", "Compared by force:", $" {mismatch}.");
        WriteLine("", "", $"Against '{difference.Name}': {difference.Summary}");
    }

    private void Show(SummaryTable summary)
    {
        if (IsPlain)
        {
            _output.WriteLine(summary.Title);
            TextTable.Write(_output, [.. summary.Columns.Select(static column => column.Heading)], summary.Rows);
            _output.WriteLine();
            return;
        }

        Table table = new Table().Title(Markup.Escape(summary.Title)).Border(TableBorder.Simple);
        for (int i = 0; i < summary.Columns.Count; i++)
        {
            SummaryColumn column = summary.Columns[i];
            // What is short is not worth a break; the width is for the texts.
            table.AddColumn(new TableColumn(Markup.Escape(column.Heading))
            {
                Padding = new Padding(0, 0, 1, 0),
                Alignment = column.IsNumeric ? Justify.Right : Justify.Left,
                NoWrap = summary.Rows.Select(row => row[i]).Append(column.Heading).All(static cell => cell.Length <= ShortCell),
            });
        }

        foreach (IReadOnlyList<string> row in summary.Rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        _console.Write(table);
    }

    private void WriteLine(string colour, string coloured, string text)
    {
        if (IsPlain)
            _output.WriteLine(coloured + text);
        else
            _console.MarkupLine((colour.Length > 0 ? $"[{colour}]{Markup.Escape(coloured)}[/]" : Markup.Escape(coloured)) + Markup.Escape(text));
    }

    /// <summary>Takes the news as it comes: the runner waits meanwhile, so that lines keep their order.</summary>
    private sealed class News(ComparisonConsole owner, ProgressTask? bar) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value)
        {
            string counted = string.Join(' ', ((string[])[string.Create(CultureInfo.InvariantCulture, $"{value.Index}/{value.Count}"), value.Experiment, OnTarget(value)])
                .Where(static word => word.Length > 0));
            string seconds = string.Create(CultureInfo.InvariantCulture, $"{value.Elapsed.TotalSeconds:0.0} s");
            if (bar is not null)
            {
                bar.MaxValue = value.Count;
                bar.Value = value.Stage is ComparisonStage.Started or ComparisonStage.Step ? Math.Max(0, value.Index - 1) : value.Index;
                bar.Description = Markup.Escape($"{counted}: {(value.Detail.Length > 0 ? value.Detail : value.Title)}");
            }

            if (value.Stage is ComparisonStage.Finished)
                owner.WriteLine("green", "done  ", $" {counted} ({seconds}){Detail(value)}");
            else if (value.Stage is ComparisonStage.Failed)
                owner.WriteLine("red", "failed", $" {counted} ({seconds}){Detail(value)}");
        }

        private static string OnTarget(ComparisonProgress value)
            => value.Target.Length == 0 ? "" : value.Experiment.Length == 0 ? value.Target : $"on {value.Target}";

        private static string Detail(ComparisonProgress value) => value.Detail.Length > 0 ? $": {value.Detail}" : "";
    }
}
