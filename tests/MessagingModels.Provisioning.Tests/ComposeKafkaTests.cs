using System.Diagnostics;
using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Provisioning.Tests;

/// <summary>
/// What the image makes of the environment is decided by a class of Kafka's own distribution, which also formats the data directory: it refuses what a
/// broker would refuse. So the files can be tried without the image.
/// </summary>
public sealed class ComposeKafkaTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData("kafka.yml", "kafka", "controller.quorum.voters=1@kafka:29092")]
    [InlineData("kafka-cluster.yml", "kafka-2", "min.insync.replicas=2")]
    public async Task The_images_own_code_makes_a_configuration_that_kafka_formats_its_storage_with(string file, string service, string line)
    {
        string final = Directory.CreateDirectory(Path.Combine(_work.Path, "final")).FullName;
        string properties = Path.Combine(final, "server.properties");
        await File.WriteAllTextAsync(properties, "", TestContext.Current.CancellationToken);
        string data = Path.Combine(_work.Path, "data");
        Dictionary<string, string> environment = new(ComposeFile.Read(file).Services[service].Environment) { ["KAFKA_LOG_DIRS"] = data };

        (int code, string output) = await SetUpAsync(final, environment);

        Assert.True(code == 0, output);
        Assert.Contains(environment["CLUSTER_ID"], await File.ReadAllTextAsync(Path.Combine(data, "meta.properties"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains(line, await File.ReadAllTextAsync(properties, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> SetUpAsync(string final, Dictionary<string, string> environment)
    {
        KafkaInstallation kafka = KafkaInstallation.Find(Homes.Kafka.Home);
        ProcessStartInfo start = new(kafka.Java)
        {
            ArgumentList = { "-Xmx128m", "-cp", Path.Combine(kafka.Home, "libs", "*"), "kafka.docker.KafkaDockerWrapper", "setup", "-D", _work.Path, "-M", _work.Path, "-F", final },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);
        return (process.ExitCode, await output + await errors);
    }
}
