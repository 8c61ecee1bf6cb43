using System.CommandLine;
using System.Globalization;
using MessagingModels.Cli.Output;
using MessagingModels.Samples;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm samples</c>: lists the lessons, or runs one.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        Argument<string?> lesson = new("LESSON")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The name or number of the lesson to run; none to list them.",
        };
        Command command = new("samples", "List the lessons, or run one.") { lesson };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(lesson), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task RunAsync(string? nameOrNumber, TextWriter output, CancellationToken cancellationToken)
    {
        if (nameOrNumber is null)
        {
            TextTable.Write(output, ["", "LESSON", "SHOWS"],
                [.. LessonCatalog.All.Select(lesson => (string[])[lesson.Number.ToString("D2", CultureInfo.InvariantCulture), lesson.Name, lesson.Summary])]);
            return;
        }

        Lesson chosen = LessonCatalog.Find(nameOrNumber)
            ?? throw new UsageException($"There is no lesson '{nameOrNumber}'. 'mm samples' lists them.");
        output.WriteLine($"Lesson {chosen.Number}, {chosen.Name}: {chosen.Summary}");
        output.WriteLine();
        await chosen.RunAsync(output, cancellationToken).ConfigureAwait(false);
    }
}
