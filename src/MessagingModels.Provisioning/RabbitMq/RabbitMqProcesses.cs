using System.Globalization;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>RabbitMQ as local processes: one node or three, and a name daemon of their own.</summary>
internal sealed class RabbitMqProcesses(RabbitMqInstallation installation, ProvisioningOptions options)
{
    private const string System = "RabbitMQ";
    private const string NameDaemon = "epmd";

    private IReadOnlyList<RabbitMqNodePorts> _ports = [];

    public async Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken)
    {
        (ProcessGroup group, IReadOnlyList<BrokerNode> nodes, TimeSpan time) =
            await LocalStart.RunAsync("rabbitmq", options, PrepareAsync, cancellationToken).ConfigureAwait(false);
        Uri[] addresses = [.. _ports.Select(UriOf)];
        string version;
        try
        {
            version = (await AmqpProbe.LogInAsync(addresses[0], cancellationToken).ConfigureAwait(false)).Version;
        }
        catch
        {
            await group.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        string what = nodes.Count == 1 ? "one node" : $"{nodes.Count} nodes";
        BrokerSource source = new(BrokerOrigin.LocalProcess, version, $"RabbitMQ {version}, {what} as local processes", group)
        {
            Nodes = nodes,
            LogDirectory = group.LogDirectory,
            Settings = ConfigurationFile.Named(options.Settings),
            StartTime = time,
        };
        return new RabbitMqServer(source, addresses, [.. _ports.Select(static node => new Uri($"http://guest:guest@127.0.0.1:{node.Management}"))]);
    }

    private static Uri UriOf(RabbitMqNodePorts node) => new($"amqp://guest:guest@127.0.0.1:{node.Amqp}/");

    private async Task<IReadOnlyList<NodePlan>> PrepareAsync(ProcessGroup group, CancellationToken cancellationToken)
    {
        _ports = [.. group.TakePorts(4 * options.Nodes).Chunk(4).Select(static (ports, i) => new RabbitMqNodePorts(i + 1, ports[0], ports[1], ports[2], ports[3]))];
        int namePort = group.TakePorts(1)[0];

        // In the foreground and before the nodes, which would otherwise leave one behind that nobody ends.
        ShellCommand daemon = new(installation.NameDaemon, ["-port", namePort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"]);
        await group.StartAsync(NameDaemon, daemon, cancellationToken).ConfigureAwait(false);
        await WaitForNameDaemonAsync(group, namePort, cancellationToken).ConfigureAwait(false);
        return [.. _ports.Select(node => Plan(group, node, namePort))];
    }

    private async Task WaitForNameDaemonAsync(ProcessGroup group, int port, CancellationToken cancellationToken)
    {
        DateTime deadline = DateTime.UtcNow + options.StartTimeout;
        while (!await LoopbackPorts.IsListenedToAsync(port, cancellationToken).ConfigureAwait(false))
        {
            if (!group.IsRunning(NameDaemon) || DateTime.UtcNow > deadline)
            {
                string log = new LogTail(group.LogOf(NameDaemon)).Excerpt();
                throw new BrokerUnavailableException($"Erlang's name daemon {installation.NameDaemon} does not listen on port {port}. {log}") { PortTaken = true };
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    private NodePlan Plan(ProcessGroup group, RabbitMqNodePorts node, int namePort)
    {
        string directory = Directory.CreateDirectory(Path.Combine(group.Directory, $"node{node.Id}")).FullName;
        string configuration = Path.Combine(directory, "rabbitmq");
        string plugins = Path.Combine(directory, "enabled_plugins");
        File.WriteAllText($"{configuration}.conf", ConfigurationFile.Write(node, _ports, options.Settings));
        File.WriteAllText(plugins, ConfigurationFile.Plugins);
        ShellCommand command = new(installation.Server, [])
        {
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = directory,
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(directory, NodePlan.DataFolder),
                ["RABBITMQ_LOG_BASE"] = group.LogDirectory,
                ["RABBITMQ_PID_FILE"] = Path.Combine(directory, "erlang.pid"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
                ["RABBITMQ_CONFIG_FILE"] = configuration,

                // Not the machine's own, which may be another broker's.
                ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(directory, "rabbitmq-env.conf"),
                ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(directory, "advanced.config"),
                ["RABBITMQ_NODENAME"] = node.NodeName,
                ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_NODE_PORT"] = node.Amqp.ToString(CultureInfo.InvariantCulture),
                ["RABBITMQ_DIST_PORT"] = node.Distribution.ToString(CultureInfo.InvariantCulture),
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-setcookie mm -kernel inet_dist_use_interface {127,0,0,1}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["ERL_EPMD_PORT"] = namePort.ToString(CultureInfo.InvariantCulture),
                ["ERL_CRASH_DUMP"] = Path.Combine(group.LogDirectory, $"node{node.Id}.crash.dump"),

                // The start script then becomes the Erlang machine, as it does under systemd, and does not stay as its parent.
                ["RUNNING_UNDER_SYSTEMD"] = "true",
            },
        };
        return new NodePlan(System, node.Id, $"127.0.0.1:{node.Amqp}", command)
        {
            NameInCluster = node.NodeName,
            Ports = [node.Amqp, node.Distribution, node.Management, node.Stream],
            ReadyText = " completed with ",
            ProbeAsync = cancellationToken => AmqpProbe.LogInAsync(UriOf(node), cancellationToken),
            StartTimeout = options.StartTimeout,
        };
    }
}
