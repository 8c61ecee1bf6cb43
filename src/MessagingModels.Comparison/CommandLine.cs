using System.Buffers;
using System.Globalization;

namespace MessagingModels.Comparison;

/// <summary>The command that repeats a run, or one experiment of it.</summary>
internal static class CommandLine
{
    private const string Tool = "dotnet run -c Release --project src/MessagingModels.Cli -- compare";

    private static readonly SearchValues<char> PlainCharacters
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+,");

    /// <param name="options">The run's settings.</param>
    /// <param name="experiment">The experiment to name, or null to repeat the whole run.</param>
    public static string For(ComparisonOptions options, string? experiment)
    {
        List<string> words = [Tool];
        if (experiment is not null)
            words.Add($"--experiments {experiment}");
        else if (options.Experiments.Count > 0)
            words.Add($"--experiments {string.Join(',', options.Experiments)}");
        if (options.Quick)
            words.Add("--quick");
        if (options.Repeat != new ComparisonOptions().Repeat)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"--repeat {options.Repeat}"));
        if (options.MessagesFile is { } file)
            words.Add($"--messages {Quote(file)} --key {Quote(options.KeyField!)} --route {Quote(options.RouteField!)}");
        if (options.Strict)
            words.Add("--strict");
        return string.Join(' ', words);
    }

    private static string Quote(string word)
        => word.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;
}
