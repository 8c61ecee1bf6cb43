namespace MessagingModels.Cli.Tests.Commands;

/// <summary>A Kafka that asks for a login, given by its address.</summary>
public sealed class CompareLoginTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_kafka_with_a_login_is_compared_and_its_password_shown_nowhere()
    {
        await using SaslKafka kafka = await SaslKafka.StartAsync();

        ToolRun right = await CompareAsync(kafka, SaslKafka.Password);
        string report = await File.ReadAllTextAsync(Path.Combine(_directory.Path, "comparison.html")) + await File.ReadAllTextAsync(Path.Combine(_directory.Path, "comparison.json"));
        ToolRun wrong = await CompareAsync(kafka, "wrong-sesame");

        Assert.True(right.ExitCode == 0, string.Join('\n', right.Output));
        Assert.Contains("sasl.password=VALUE", report, StringComparison.Ordinal);
        Assert.DoesNotContain(SaslKafka.Password, report, StringComparison.Ordinal);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains(wrong.Output, static line => line.Contains("Authentication failed: Invalid username or password", StringComparison.Ordinal));
        Assert.DoesNotContain(wrong.Output, static line => line.Contains("wrong-sesame", StringComparison.Ordinal));
    }

    private Task<ToolRun> CompareAsync(SaslKafka kafka, string password) => ToolRun.OfAsync(
    [
        "compare", "--quick", "--targets", "kafka", "--experiments", "data-model", "--out", _directory.Path, "--kafka", kafka.Address,
        "--kafka-setting", "security.protocol=SASL_PLAINTEXT", "--kafka-setting", "sasl.mechanism=PLAIN",
        "--kafka-setting", $"sasl.username={SaslKafka.User}", "--kafka-setting", $"sasl.password={password}",
    ]);
}
