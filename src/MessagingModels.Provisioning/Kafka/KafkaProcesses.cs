using System.Security.Cryptography;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Kafka;

/// <summary>Kafka as local processes: one KRaft node, or three.</summary>
internal sealed class KafkaProcesses(KafkaInstallation installation, ProvisioningOptions options)
{
    private const string System = "Kafka";

    /// <summary>The flags of the distribution's own start script, with a heap that fits several nodes on one machine.</summary>
    private static readonly string[] BrokerOptions =
    [
        "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
        "-Djava.awt.headless=true",
    ];

    /// <summary>A tool that runs for a second wants neither a large heap nor an optimising compiler.</summary>
    private static readonly string[] ToolOptions = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

    private IReadOnlyList<KafkaNodePorts> _ports = [];

    /// <summary>Three nodes share one machine, so each has less unless the caller says how much.</summary>
    private string[] Heap => options switch
    {
        { HeapMebibytes: { } size } => [$"-Xmx{size}m"],
        { Nodes: 1 } => ["-Xms512m", "-Xmx1g"],
        _ => ["-Xmx512m"],
    };

    public async Task<KafkaServer> StartAsync(CancellationToken cancellationToken)
    {
        (ProcessGroup group, IReadOnlyList<BrokerNode> nodes, TimeSpan time) =
            await LocalStart.RunAsync("kafka", options, PrepareAsync, cancellationToken).ConfigureAwait(false);
        string what = nodes.Count == 1 ? "one KRaft node" : $"{nodes.Count} KRaft nodes";
        BrokerSource source = new(BrokerOrigin.LocalProcess, installation.Version, $"Kafka {installation.Version}, {what} as local processes", group)
        {
            Nodes = nodes,
            LogDirectory = group.LogDirectory,
            Settings = new Dictionary<string, string>(ServerProperties.Effective(options.Nodes, options.Settings)) { ["heap"] = string.Join(' ', Heap) },
            StartTime = time,
        };
        return new KafkaServer(source, string.Join(',', nodes.Select(static node => node.Address)))
        {
            Home = installation.Home,
            ProxyRoutes = options.SecurityProtocol is null ? [.. _ports.Select(static node => new ProxyRoute(node.Proxy, "127.0.0.1", node.Behind))] : [],
            SecureServers = options.SecurityProtocol is null ? null : string.Join(',', _ports.Select(static node => $"127.0.0.1:{node.Behind}")),
        };
    }

    private async Task<IReadOnlyList<NodePlan>> PrepareAsync(ProcessGroup group, CancellationToken cancellationToken)
    {
        _ports = [.. group.TakePorts(4 * options.Nodes).Chunk(4).Select(static (ports, i) => new KafkaNodePorts(i + 1, ports[0], ports[1], ports[2], ports[3]))];
        string logging = Path.Combine(group.Directory, "log4j2.properties");
        await File.WriteAllTextAsync(logging, ServerProperties.LoggingProperties, cancellationToken).ConfigureAwait(false);
        string clusterId = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', 'a').Replace('/', 'b');

        NodePlan[] plans = [.. _ports.Select(node => Plan(group, node, logging))];
        await Task.WhenAll(plans.Select(plan => FormatAsync(group, plan, clusterId, logging, cancellationToken))).ConfigureAwait(false);
        return plans;
    }

    private NodePlan Plan(ProcessGroup group, KafkaNodePorts node, string logging)
    {
        string address = $"127.0.0.1:{node.Client}";
        ShellCommand command = installation.Run("kafka.Kafka", [.. BrokerOptions, .. Heap, Logging(logging)], [PropertiesOf(group, node.Id)]);
        NodePlan plan = new(System, node.Id, address, command)
        {
            NameInCluster = $"{node.Id}",
            Ports = [node.Client, node.Controller, node.Behind],
            ReadyText = "Kafka Server started",
            ProbeAsync = cancellationToken => KafkaProbe.CheckAsync(new KafkaAddress("127.0.0.1", node.Client), tls: false, cancellationToken),
            StartTimeout = options.StartTimeout,
        };
        string directory = Directory.CreateDirectory(Path.Combine(group.Directory, plan.Name)).FullName;
        File.WriteAllText(PropertiesOf(group, node.Id), ServerProperties.Write(node, _ports, Path.Combine(directory, NodePlan.DataFolder), options));
        return plan;
    }

    /// <summary>Gives the data directory the cluster's identity, without which a KRaft node does not start.</summary>
    private async Task FormatAsync(ProcessGroup group, NodePlan plan, string clusterId, string logging, CancellationToken cancellationToken)
    {
        string name = $"format{plan.Id}";
        LogTail log = new(group.LogOf(name));
        ShellCommand command = installation.Run(
            "kafka.tools.StorageTool", [.. ToolOptions, Logging(logging)], ["format", "-t", clusterId, "-c", PropertiesOf(group, plan.Id)]);
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.StartTimeout);
        try
        {
            await group.StartAsync(name, command, timeout.Token).ConfigureAwait(false);
            if (await group.ExitOf(name).WaitAsync(timeout.Token).ConfigureAwait(false) is var code and not 0)
            {
                throw new BrokerUnavailableException(log.Contains("UnsupportedClassVersionError")
                    ? $"{installation.Java} is too old for Kafka {installation.Version}: install Java 17 or later and let JAVA_HOME name it."
                    : $"Kafka's StorageTool could not format the data directory (exit code {code}). {log.Excerpt()}");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokerUnavailableException(
                $"Kafka's StorageTool did not end within {options.StartTimeout.TotalSeconds:0.#} s; raise StartTimeout. {log.Excerpt()}");
        }
    }

    private static string PropertiesOf(ProcessGroup group, int id) => Path.Combine(group.Directory, $"node{id}", "server.properties");

    private static string Logging(string path) => $"-Dlog4j2.configurationFile={path}";
}
