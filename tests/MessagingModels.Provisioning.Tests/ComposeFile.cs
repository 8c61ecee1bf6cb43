using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace MessagingModels.Provisioning.Tests;

/// <summary>A file of compose/, as far as the tests look at it.</summary>
public sealed class ComposeFile
{
    public string Name { get; init; } = "";
    public Dictionary<string, ComposeService> Services { get; init; } = [];
    public Dictionary<string, object?> Volumes { get; init; } = [];

    public static string Folder { get; } = FindFolder();

    public static ComposeFile Read(string file)
    {
        using StreamReader text = File.OpenText(Path.Combine(Folder, file));
        IDeserializer deserializer = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build();
        return deserializer.Deserialize<ComposeFile>(new MergingParser(new Parser(text)));
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "MessagingModels.sln")))
                return Path.Combine(at.FullName, "compose");
        }

        throw new InvalidOperationException($"No MessagingModels.sln above {AppContext.BaseDirectory}.");
    }
}

public sealed class ComposeService
{
    public string Image { get; init; } = "";
    public string Hostname { get; init; } = "";
    public List<string> Ports { get; init; } = [];
    public Dictionary<string, string> Environment { get; init; } = [];
    public List<string> Volumes { get; init; } = [];
    public ComposeHealthCheck Healthcheck { get; init; } = new();

    /// <summary>Published ports: that of the host, by that of the container.</summary>
    public Dictionary<int, int> Published()
        => Ports.Select(port => port.Split(':')).ToDictionary(parts => int.Parse(parts[2], null), parts => parts[0] == "127.0.0.1"
            ? int.Parse(parts[1], null)
            : throw new InvalidDataException($"{string.Join(':', parts)} is published beyond this machine."));

    /// <summary>NAME://HOST:PORT of a Kafka setting, by name.</summary>
    public Dictionary<string, (string Host, int Port)> Listeners(string variable)
        => Environment[variable].Split(',').Select(listener => listener.Split("://"))
            .ToDictionary(parts => parts[0], parts => (parts[1].Split(':')[0], int.Parse(parts[1].Split(':')[1], null)));
}

public sealed class ComposeHealthCheck
{
    public List<string> Test { get; init; } = [];
    public string Interval { get; init; } = "";
    public string Timeout { get; init; } = "";
    public int Retries { get; init; }
}
