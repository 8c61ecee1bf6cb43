using System.Text;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>The ports of one node, all on 127.0.0.1.</summary>
/// <param name="Id">1 for the first node.</param>
/// <param name="Amqp">Where clients connect.</param>
/// <param name="Distribution">Where the nodes of a cluster talk.</param>
/// <param name="Management">The HTTP API.</param>
/// <param name="Stream">The stream protocol.</param>
internal sealed record RabbitMqNodePorts(int Id, int Amqp, int Distribution, int Management, int Stream)
{
    public string NodeName => $"mm{Id}@localhost";
}

/// <summary>Writes <c>rabbitmq.conf</c>.</summary>
internal static class ConfigurationFile
{
    /// <summary>All that RabbitMQ ships of what the adapter can use.</summary>
    private const string PluginNames =
        "rabbitmq_management,rabbitmq_stream,rabbitmq_consistent_hash_exchange,rabbitmq_random_exchange,rabbitmq_recent_history_exchange";

    public const string Plugins = $"[{PluginNames}].\n";

    /// <summary>What this component decides and a user's settings must not.</summary>
    public static readonly string[] Own =
    [
        "listeners.tcp.default", "listeners.tcp.1", "listeners.tcp", "management.tcp.ip", "management.tcp.port", "stream.listeners.tcp.1",
        "cluster_formation.peer_discovery_backend",
    ];

    /// <summary>The user's settings and the plugins, for reports.</summary>
    public static Dictionary<string, string> Named(IReadOnlyDictionary<string, string> settings) => new(settings) { ["plugins"] = PluginNames };

    public static string Write(RabbitMqNodePorts node, IReadOnlyList<RabbitMqNodePorts> all, IReadOnlyDictionary<string, string> settings)
    {
        Dictionary<string, string> lines = new()
        {
            ["management.tcp.ip"] = "127.0.0.1",
            ["management.tcp.port"] = $"{node.Management}",
            ["stream.listeners.tcp.1"] = $"127.0.0.1:{node.Stream}",
        };
        if (all.Count > 1)
        {
            lines["cluster_formation.peer_discovery_backend"] = "classic_config";
            foreach (RabbitMqNodePorts member in all)
                lines[$"cluster_formation.classic_config.nodes.{member.Id}"] = member.NodeName;
        }

        return Lines(lines) + Lines(settings);
    }

    public static string Lines(IReadOnlyDictionary<string, string> settings)
    {
        StringBuilder text = new();
        foreach ((string key, string value) in settings)
            text.Append(key).Append(" = ").Append(value).Append('\n');
        return text.ToString();
    }
}
