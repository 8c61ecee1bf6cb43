using System.Globalization;
using System.Text;

namespace MessagingModels.Provisioning.Kafka;

/// <summary>The ports of one node, all on 127.0.0.1.</summary>
/// <param name="Id">1 for the first node.</param>
/// <param name="Client">Where clients and the other brokers connect.</param>
/// <param name="Controller">Where the quorum of controllers talks.</param>
/// <param name="Behind">A second listener, which only a proxy connects to.</param>
/// <param name="Proxy">Where that proxy listens: the second listener is advertised with this port, so clients that begin at the proxy stay with it.</param>
internal sealed record KafkaNodePorts(int Id, int Client, int Controller, int Behind, int Proxy);

/// <summary>Writes <c>server.properties</c> of a KRaft node that is broker and controller.</summary>
internal static class ServerProperties
{
    /// <summary>What this class decides and a user's settings must not.</summary>
    public static readonly string[] Own =
    [
        "process.roles", "node.id", "controller.quorum.voters", "listeners", "advertised.listeners", "listener.security.protocol.map",
        "inter.broker.listener.name", "controller.listener.names", "log.dirs",
    ];

    /// <summary>What makes a number of nodes work, and what the user adds to it or changes. For a container the rest is the image's.</summary>
    public static Dictionary<string, string> Effective(int nodes, IReadOnlyDictionary<string, string> settings)
    {
        Dictionary<string, string> properties = Cluster(nodes);
        foreach ((string key, string value) in settings)
            properties[key] = value;
        return properties;
    }

    /// <summary>Logs to the console, in the form that the distributions use, for Log4j 2 (Kafka 4).</summary>
    public const string LoggingProperties = """
        appender.console.type=Console
        appender.console.name=console
        appender.console.layout.type=PatternLayout
        appender.console.layout.pattern=[%d] %p %m (%c)%n
        rootLogger.level=INFO
        rootLogger.appenderRef.console.ref=console
        """;

    public static string Write(KafkaNodePorts node, IReadOnlyList<KafkaNodePorts> all, string dataDirectory, ProvisioningOptions options)
    {
        string second = options.SecurityProtocol is null ? "PROXIED" : "SECURE";
        Dictionary<string, string> properties = new(Effective(all.Count, options.Settings))
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = node.Id.ToString(CultureInfo.InvariantCulture),
            ["controller.quorum.voters"] = string.Join(',', all.Select(static n => $"{n.Id}@127.0.0.1:{n.Controller}")),
            ["listeners"] = $"PLAINTEXT://127.0.0.1:{node.Client},{second}://127.0.0.1:{node.Behind},CONTROLLER://127.0.0.1:{node.Controller}",
            ["advertised.listeners"] = $"PLAINTEXT://127.0.0.1:{node.Client},{second}://127.0.0.1:{(options.SecurityProtocol is null ? node.Proxy : node.Behind)}",
            ["listener.security.protocol.map"] = $"PLAINTEXT:PLAINTEXT,{second}:{options.SecurityProtocol ?? "PLAINTEXT"},CONTROLLER:PLAINTEXT",
            ["inter.broker.listener.name"] = "PLAINTEXT",
            ["controller.listener.names"] = "CONTROLLER",
            ["log.dirs"] = dataDirectory,
        };
        StringBuilder text = new();
        foreach ((string key, string value) in properties)
            text.Append(key).Append('=').Append(value).Append('\n');
        return text.ToString();
    }

    private static Dictionary<string, string> Cluster(int nodes)
    {
        string replicas = Math.Min(3, nodes).ToString(CultureInfo.InvariantCulture);
        string inSync = nodes >= 3 ? "2" : "1";
        return new Dictionary<string, string>
        {
            ["default.replication.factor"] = replicas,
            ["min.insync.replicas"] = inSync,
            ["offsets.topic.replication.factor"] = replicas,
            ["transaction.state.log.replication.factor"] = replicas,
            ["transaction.state.log.min.isr"] = inSync,
            ["share.coordinator.state.topic.replication.factor"] = replicas,
            ["share.coordinator.state.topic.min.isr"] = inSync,

            // Fifty each by default, which a broker for one test or experiment takes seconds to create and to recover.
            ["offsets.topic.num.partitions"] = "8",
            ["transaction.state.log.num.partitions"] = "8",
            ["share.coordinator.state.topic.num.partitions"] = "8",

            // Otherwise the first member of each group waits three seconds for others.
            ["group.initial.rebalance.delay.ms"] = "0",
        };
    }
}
