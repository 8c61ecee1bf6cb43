using System.Buffers;
using System.Globalization;

namespace MessagingModels.Comparison;

/// <summary>The command that repeats a run, or one experiment of it.</summary>
internal static class CommandLine
{
    private const string Tool = "dotnet run -c Release --project src/MessagingModels.Cli -- compare";

    /// <summary>The settings whose values no one minds; which of the others hold a secret is for librdkafka to know.</summary>
    private static readonly string[] HarmlessSettings = ["security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "ssl.ca.location", "ssl.certificate.location"];

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
        foreach ((string name, string value) in WithoutSecrets(options.KafkaSettings))
            words.Add($"--kafka-setting {Quote($"{name}={value}")}");
        if (options.RabbitMq is { } rabbitMq)
            words.Add($"--rabbitmq {Quote(WithoutPassword(rabbitMq))}");
        if (options.RabbitMqManagement is { } management)
            words.Add($"--rabbitmq-management {Quote(WithoutPassword(management))}");
        if (options.RabbitMqAuthorities is { } authorities)
            words.Add($"--rabbitmq-ca {Quote(authorities)}");
        if (options.WithoutContainers)
            words.Add("--no-containers");
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

    /// <summary>The options as they may be shown.</summary>
    public static ComparisonOptions WithoutSecrets(ComparisonOptions options) => options with
    {
        KafkaSettings = WithoutSecrets(options.KafkaSettings),
        RabbitMq = options.RabbitMq is { } address ? WithoutPassword(address) : null,
        RabbitMqManagement = options.RabbitMqManagement is { } management ? WithoutPassword(management) : null,
    };

    /// <summary>A client's words with the values of settings taken out that may be secret; a mistyped one is quoted as a wrong value, for example.</summary>
    public static string WithoutSecrets(string text, IReadOnlyDictionary<string, string> settings)
        => settings.Where(static setting => !HarmlessSettings.Contains(setting.Key) && setting.Value.Length > 2)
            .Aggregate(text, static (shown, setting) => shown.Replace(setting.Value, "VALUE", StringComparison.Ordinal));

    /// <summary>A message of the library or its adapters in the words of this tool: whoever runs it sets no options in code.</summary>
    public static string InItsWords(string message) => message.Replace("RabbitMqOptions.ManagementUri", "--rabbitmq-management", StringComparison.Ordinal);

    /// <summary>An address as it may be shown: a report is made to be passed on.</summary>
    public static string WithoutPassword(string address)
    {
        // By the text alone: what is mistyped, so that it is no address, may hold a password all the same.
        int end = address.LastIndexOf('@');
        int scheme = address.IndexOf("://", StringComparison.Ordinal);
        int start = scheme >= 0 && scheme < end ? scheme + 3 : 0;
        int colon = end < 0 ? -1 : address.IndexOf(':', start, end - start);
        return colon < 0 ? address : $"{address[..colon]}:PASSWORD{address[end..]}";
    }

    private static Dictionary<string, string> WithoutSecrets(IReadOnlyDictionary<string, string> settings)
        => settings.ToDictionary(static setting => setting.Key, static setting => HarmlessSettings.Contains(setting.Key) ? setting.Value : "VALUE");

    private static string Quote(string word)
        => word.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;
}
