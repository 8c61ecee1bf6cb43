using MessagingModels.Provisioning.Containers;
using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Provisioning;

/// <summary>A real Kafka: given by its address, in a container, or as local KRaft processes.</summary>
public sealed class KafkaServer : ProvisionedBroker
{
    internal KafkaServer(BrokerSource source, string bootstrapServers)
        : base("Kafka", source)
        => BootstrapServers = bootstrapServers;

    /// <summary>HOST:PORT of each broker, separated by commas; what clients call <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers { get; }

    /// <summary>HOST:PORT of each broker's listener with <see cref="ProvisioningOptions.SecurityProtocol"/>; null where none was asked for.</summary>
    public string? SecureServers { get; init; }

    /// <summary>The distribution whose tools fit this broker, where it runs from one.</summary>
    public string? Home { get; init; }

    /// <summary><see cref="ProvisioningOptions.ClientSettings"/>, without which the broker takes no client.</summary>
    public IReadOnlyDictionary<string, string> ClientSettings { get; private init; } = new Dictionary<string, string>();

    /// <summary>For each node, the port that it advertises for a proxy and the one behind it.</summary>
    internal IReadOnlyList<ProxyRoute> ProxyRoutes { get; init; } = [];

    /// <summary>Takes the broker at the address that was given, else a container, else local processes; completes when it serves clients.</summary>
    /// <exception cref="BrokerUnavailableException">None can be had; the message says for each why.</exception>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public static async Task<KafkaServer> StartAsync(ProvisioningOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ProvisioningOptions();
        options.Validate(ServerProperties.Own);
        if (options.Address is { } address)
            return await TakeGivenAsync(address, options, cancellationToken).ConfigureAwait(false);
        return await Ladder.TakeFirstAsync(
            "Kafka", "--kafka HOST:PORT or KAFKA_HOME",
            [
                ("a container", () => StartContainerAsync(options, cancellationToken)),
                ("local processes", () => new KafkaProcesses(KafkaInstallation.Find(options.Home), options).StartAsync(cancellationToken)),
            ]).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a proxy that can lose the broker's answers. Clients use its <see cref="ResponseDroppingProxy.Address"/> as bootstrap servers; the brokers then
    /// name the proxy as their own address, so that all of a client's traffic goes through it. One at a time; the caller disposes it.
    /// </summary>
    /// <exception cref="NotSupportedException">The broker does not run as local processes: it names its own address, past the proxy.</exception>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public ResponseDroppingProxy StartProxy()
        => ProxyRoutes.Count > 0
            ? ResponseDroppingProxy.Start(ProxyRoutes)
            : throw new NotSupportedException(
                "A proxy in front of Kafka needs a broker that advertises the proxy's address, which only one started as a local process does.");

    private static async Task<KafkaServer> StartContainerAsync(ProvisioningOptions options, CancellationToken cancellationToken)
    {
        if (options.SecurityProtocol is not null)
            throw new BrokerUnavailableException("a listener with a security protocol of its own is given to local processes only") { WasConfigured = false };
        ContainerStart.Check(options, ContainerImages.Kafka);
        await DockerEngine.EnsureAsync().ConfigureAwait(false);
        return await KafkaContainerBroker.StartAsync(options, engine: null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<KafkaServer> TakeGivenAsync(string address, ProvisioningOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<KafkaAddress> servers = KafkaAddress.ParseAll(address);
        string shown = string.Join(',', servers);
        bool tls = options.ClientSettings.Any(static setting
            => setting.Key == "security.protocol" && setting.Value.EndsWith("ssl", StringComparison.OrdinalIgnoreCase));
        try
        {
            await ProbeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException error)
        {
            throw new BrokerUnavailableException($"The Kafka given as '{shown}' is of no use: {error.Message.TrimEnd('.')}. Check the address, and that the broker runs.", error);
        }

        BrokerSource source = new(BrokerOrigin.Given, "unknown", $"Kafka of unknown version, given as {shown}", null) { ProbeAsync = ProbeAsync };
        return new KafkaServer(source, shown) { ClientSettings = options.ClientSettings };

        async Task ProbeAsync(CancellationToken stop)
        {
            List<string> reasons = [];
            foreach (KafkaAddress server in servers)
            {
                try
                {
                    await GivenAddress.CheckAsync(
                        server.ToString(), options.StartTimeout, token => KafkaProbe.CheckAsync(server, tls, token), stop).ConfigureAwait(false);
                    return;
                }
                catch (BrokerUnavailableException error)
                {
                    reasons.Add(error.Message);
                }
            }

            throw new BrokerUnavailableException(string.Join("; ", reasons));
        }
    }
}
