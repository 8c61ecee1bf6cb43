using System.Text.RegularExpressions;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Kafka;

/// <summary>An unpacked Kafka and the Java to run it.</summary>
/// <param name="Home">The directory that has <c>libs</c>.</param>
/// <param name="Java">The path of the java program.</param>
/// <param name="Version">Kafka's version, from the names of its jars.</param>
internal sealed partial record KafkaInstallation(string Home, string Java, string Version)
{
    private const string HomeVariable = "KAFKA_HOME";

    /// <exception cref="BrokerUnavailableException">There is none; says what is missing.</exception>
    public static KafkaInstallation Find(string? home)
    {
        string name = home is null ? HomeVariable : "Home";
        home ??= Environment.GetEnvironmentVariable(HomeVariable);
        if (string.IsNullOrEmpty(home))
            throw new BrokerUnavailableException($"{HomeVariable} is not set: let it name an unpacked Kafka distribution") { WasConfigured = false };
        string libs = Path.Combine(home, "libs");
        if (!Directory.Exists(libs))
            throw new BrokerUnavailableException($"{name} is {home}, which has no libs folder: let it name an unpacked Kafka distribution");
        string version = Directory.EnumerateFiles(libs, "kafka_*.jar").Select(static path => BrokerJar().Match(Path.GetFileName(path)))
            .FirstOrDefault(static match => match.Success)?.Groups["version"].Value
            ?? throw new BrokerUnavailableException(
                $"{name} is {home}, whose libs folder has no broker in it (kafka_SCALA-VERSION.jar): unpack the distribution again");
        return new KafkaInstallation(Path.GetFullPath(home), FindJava(), version);
    }

    /// <summary>Runs a class of the distribution.</summary>
    public ShellCommand Run(string mainClass, IEnumerable<string> virtualMachineOptions, IEnumerable<string> arguments)
        => new(Java, [.. virtualMachineOptions, "-cp", Path.Combine(Home, "libs", "*"), mainClass, .. arguments]);

    private static string FindJava()
    {
        string? javaHome = Environment.GetEnvironmentVariable("JAVA_HOME");
        if (!string.IsNullOrEmpty(javaHome) && File.Exists(Path.Combine(javaHome, "bin", "java")))
            return Path.Combine(javaHome, "bin", "java");
        return SearchPath.Find("java")
            ?? throw new BrokerUnavailableException("there is no java in JAVA_HOME or on the PATH, which Kafka needs: install a Java runtime, 17 or later");
    }

    [GeneratedRegex(@"^kafka_[0-9.]+-(?<version>[0-9]+(\.[0-9]+)+)\.jar$", RegexOptions.ExplicitCapture)]
    private static partial Regex BrokerJar();
}
