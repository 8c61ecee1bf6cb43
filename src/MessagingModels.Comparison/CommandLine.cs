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
        if (options.Targets.Count > 0)
            words.Add($"--targets {string.Join(',', options.Targets)}");
        if (options.Kafka is { } kafka)
            words.Add($"--kafka {Quote(kafka)}");
        if (options.RabbitMq is { } rabbitMq)
            words.Add($"--rabbitmq {Quote(WithoutPassword(rabbitMq))}");
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

    /// <summary>An address as it may be shown: a report is made to be passed on.</summary>
    public static string WithoutPassword(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.UserInfo.Contains(':', StringComparison.Ordinal)
            ? address.Replace(uri.UserInfo, uri.UserInfo[..uri.UserInfo.IndexOf(':', StringComparison.Ordinal)] + ":PASSWORD", StringComparison.Ordinal)
            : address;

    private static string Quote(string word)
        => word.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;
}
