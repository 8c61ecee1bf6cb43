using System.Text;
using MessagingModels.Broker;
using MessagingModels.Kafka;
using MessagingModels.RabbitMq.Connections;

namespace MessagingModels.Contract.Tests;

/// <summary>The README's tables of what each system offers are what the adapters say.</summary>
public sealed class CapabilitiesTableTests
{
    private const string Begin = "<!-- capabilities: written by CapabilitiesTableTests -->";
    private const string End = "<!-- end of capabilities -->";

    /// <summary>The version that the contract is held against.</summary>
    private static readonly Version s_rabbitMq = new(4, 3);

    [Fact]
    public async Task The_readme_says_what_each_system_offers()
    {
        await using EmbeddedBroker native = await EmbeddedBroker.StartAsync();
        await ReadmeSection.CheckAsync(
            Begin, End,
            TableOf(("Kafka", KafkaCapabilities.All), ("native", native.Log.Capabilities), "Feature of the log model") + "\n"
            + TableOf(($"RabbitMQ {s_rabbitMq}", ServerFeatures.Of(s_rabbitMq)), ("native", native.Exchanges.Capabilities), "Feature of the exchange model"));
    }

    [Fact]
    public void Names_are_written_in_words()
    {
        Assert.Equal("Direct reply to", InWords(ExchangeFeature.DirectReplyTo));
        Assert.Equal("Streams", InWords(ExchangeFeature.Streams));
    }

    private static string TableOf<TFeature>(
        (string Name, Capabilities<TFeature> Of) real, (string Name, Capabilities<TFeature> Of) native, string title)
        where TFeature : struct, Enum
    {
        StringBuilder table = new();
        table.Append($"| {title} | {native.Name} | {real.Name} |\n|---|---|---|\n");
        foreach (TFeature feature in Enum.GetValues<TFeature>())
            table.Append($"| {InWords(feature)} | {Cell(native.Of, feature)} | {Cell(real.Of, feature)} |\n");
        return table.ToString();
    }

    private static string Cell<TFeature>(Capabilities<TFeature> capabilities, TFeature feature)
        where TFeature : struct, Enum
    {
        string answer = capabilities.Supports(feature) ? "yes" : "no";
        string note = capabilities.Note(feature).Replace("|", "\\|", StringComparison.Ordinal);
        return note.Length == 0 ? answer : $"{answer}: {note}";
    }

    private static string InWords<TFeature>(TFeature feature)
        where TFeature : struct, Enum
    {
        string name = feature.ToString();
        return name[0] + string.Concat(name.Skip(1).Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));
    }
}
