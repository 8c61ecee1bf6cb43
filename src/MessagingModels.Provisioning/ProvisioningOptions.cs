namespace MessagingModels.Provisioning;

/// <summary>Where a real broker came from.</summary>
public enum BrokerOrigin
{
    /// <summary>The user named its address; this run neither started it nor stops it.</summary>
    Given,

    /// <summary>A container that this run started.</summary>
    Container,

    /// <summary>Processes of this machine that this run started.</summary>
    LocalProcess,
}

/// <summary>Where to look for a real broker, and how to start one.</summary>
public sealed record ProvisioningOptions
{
    /// <summary>
    /// A broker the user runs, tried alone when set: <c>HOST:PORT[,HOST:PORT]</c> for Kafka, <c>amqp(s)://user:password@host:port/vhost</c> for RabbitMQ.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// RabbitMQ only: the management API of a broker given by <see cref="Address"/>, <c>http(s)://user:password@host:port</c>; without a login that of
    /// the address is taken. Null: that on the usual port beside the address, where it answers.
    /// </summary>
    public string? ManagementAddress { get; init; }

    /// <summary>
    /// RabbitMQ only: a PEM file with the authorities that may have signed the certificate of a broker given as <c>amqps</c>; null for those that the
    /// machine trusts.
    /// </summary>
    public string? AuthoritiesPath { get; init; }

    /// <summary>
    /// Kafka only: what clients of a broker given by <see cref="Address"/> have to be set to, under librdkafka's names (<c>security.protocol</c>,
    /// <c>sasl.username</c>, ...). The check of the address takes from it whether to speak TLS; a login is tried by the clients.
    /// </summary>
    public IReadOnlyDictionary<string, string> ClientSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Try containers where a Docker engine answers, before local processes. Clusters are local processes always.</summary>
    public bool UseContainers { get; init; } = true;

    /// <summary>
    /// The unpacked distribution for local processes. Null: <c>KAFKA_HOME</c> or <c>RABBITMQ_HOME</c>; for RabbitMQ also the
    /// <c>rabbitmq-server</c> on the PATH.
    /// </summary>
    public string? Home { get; init; }

    /// <summary>The number of brokers: 1, or 3 for a cluster.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Where local processes get their temporary directory. Null: the system's.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>Settings added to <c>server.properties</c> or <c>rabbitmq.conf</c>; they win over the defaults of this component.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Kafka as local processes only: the largest heap of each node, in MiB. Null for 1,024 for one node and 512 for each of three.</summary>
    public int? HeapMebibytes { get; init; }

    /// <summary>
    /// Kafka as local processes only: the security protocol of a second listener, <see cref="KafkaServer.SecureServers"/> (<c>SSL</c>,
    /// <c>SASL_SSL</c>, <c>SASL_PLAINTEXT</c>), whose keys and logins <see cref="Settings"/> hold. It takes the place of the listener for a proxy.
    /// </summary>
    public string? SecurityProtocol { get; init; }

    /// <summary>
    /// How long a broker may take until it serves clients, counted anew for each start. The check of a given address takes ten seconds at most,
    /// and a container's image may take three minutes more to be pulled.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ArgumentException">A value makes no sense, or a setting is decided by this component.</exception>
    internal void Validate(params ReadOnlySpan<string> ownSettings)
    {
        if (Nodes is not (1 or 3))
            throw new ArgumentException($"Nodes is {Nodes}; a broker of one node or a cluster of three can be started.");
        if (HeapMebibytes is <= 0)
            throw new ArgumentException($"HeapMebibytes is {HeapMebibytes}; it must be positive.");
        if (StartTimeout <= TimeSpan.Zero)
            throw new ArgumentException($"StartTimeout is {StartTimeout}; it must be positive.");
        foreach (string own in ownSettings)
        {
            if (Settings.ContainsKey(own))
                throw new ArgumentException($"The setting {own} is decided by this component, which picks ports and directories; leave it out.");
        }
    }
}
