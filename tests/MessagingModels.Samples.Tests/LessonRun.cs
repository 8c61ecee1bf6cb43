namespace MessagingModels.Samples.Tests;

/// <summary>What a lesson printed.</summary>
internal static class LessonRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs a lesson to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time; the message holds what it printed until then.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(string name)
    {
        Lesson lesson = LessonCatalog.Find(name) ?? throw new ArgumentException($"There is no lesson '{name}'.", nameof(name));
        using StringWriter output = new();
        TextWriter synchronized = TextWriter.Synchronized(output);
        using CancellationTokenSource stopping = new();
        Task run = lesson.RunAsync(synchronized, stopping.Token);
        try
        {
            await run.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            await stopping.CancelAsync();
            throw new TimeoutException($"The lesson {name} did not end within {Limit}. It printed:\n{output}");
        }

        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
