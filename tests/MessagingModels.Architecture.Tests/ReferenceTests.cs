using System.Xml.Linq;

namespace MessagingModels.Architecture.Tests;

public sealed class ReferenceTests
{
    private const string Api = "MessagingModels";
    private const string Formats = "MessagingModels.Formats";
    private const string Storage = "MessagingModels.Storage";
    private const string Broker = "MessagingModels.Broker";
    private const string Kafka = "MessagingModels.Kafka";
    private const string RabbitMq = "MessagingModels.RabbitMq";
    private const string ProtocolKafka = "MessagingModels.Protocol.Kafka";
    private const string ProtocolAmqp = "MessagingModels.Protocol.Amqp";
    private const string Server = "MessagingModels.Server";
    private const string Provisioning = "MessagingModels.Provisioning";
    private const string Comparison = "MessagingModels.Comparison";
    private const string Samples = "MessagingModels.Samples";
    private const string Cli = "MessagingModels.Cli";

    /// <summary>What each project under src may reference. Nothing else is allowed.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Api] = [],
        [Formats] = [],
        [Storage] = [Formats],
        [Broker] = [Storage, Api],
        [Kafka] = [Api],
        [RabbitMq] = [Api],
        [ProtocolKafka] = [Formats],
        [ProtocolAmqp] = [Formats],
        [Server] = [Broker, ProtocolKafka, ProtocolAmqp],
        [Provisioning] = [],
        [Comparison] = [Api, Kafka, RabbitMq, Broker, Server, Provisioning],
        [Samples] = [Api, Broker],
        [Cli] = [Api, Formats, Storage, Broker, Kafka, RabbitMq, ProtocolKafka, ProtocolAmqp, Server, Comparison, Samples],
    };

    /// <summary>Clients and containers of real brokers, each with the one project that may use it.</summary>
    private static readonly Dictionary<string, string> VendorPackages = new()
    {
        ["Confluent.Kafka"] = Kafka,
        ["RabbitMQ.Client"] = RabbitMq,
        ["Testcontainers.Kafka"] = Provisioning,
        ["Testcontainers.RabbitMq"] = Provisioning,
    };

    public static TheoryData<string> Projects =>
        [.. Repository.ProjectFiles.Where(path => Repository.Relative(path).StartsWith("src/", StringComparison.Ordinal)).Select(NameOf)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_layout_allows(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out string[]? allowed), $"{project} is not in the layout; add it here, with what it may reference.");

        IEnumerable<string> forbidden = ItemsOf(project, "ProjectReference")
            .Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))
            .Except(allowed);

        Findings.None(forbidden);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_client_of_a_real_broker_is_used_by_its_adapter_alone(string project)
        => Assert.DoesNotContain(
            ItemsOf(project, "PackageReference"),
            package => VendorPackages.TryGetValue(package, out string? adapter) && adapter != project);

    [Fact]
    public void The_api_knows_nothing_but_the_base_library_and_hosting_abstractions()
        => Assert.All(
            typeof(ILogBroker).Assembly.GetReferencedAssemblies(),
            reference => Assert.True(
                reference.Name!.StartsWith("System.", StringComparison.Ordinal)
                    || reference.Name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal),
                $"The API refers to {reference.Name}."));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "MessagingModels.sln")).Replace('\\', '/');

        Assert.All(
            Repository.ProjectFiles.Where(path => !Repository.IsBuildOutput(path)),
            path => Assert.Contains($"\"{Repository.Relative(path)}\"", solution, StringComparison.Ordinal));
    }

    private static string NameOf(string projectFile) => Path.GetFileNameWithoutExtension(projectFile);

    private static IEnumerable<string> ItemsOf(string project, string item)
        => XDocument.Load(Repository.ProjectFiles.Single(path => NameOf(path) == project))
            .Descendants(item)
            .Select(element => element.Attribute("Include")!.Value);
}
