using MessagingModels.Provisioning.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.Kafka;

namespace MessagingModels.Provisioning.Containers;

/// <summary>
/// Kafka in a container: one KRaft node, advertised at the port that the engine maps. Testcontainers' reaper removes it should this process be killed.
/// </summary>
internal static class KafkaContainerBroker
{
    /// <param name="options">Settings and time-out.</param>
    /// <param name="engine">The engine's address; null for the one that was found.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="BrokerUnavailableException">It could not be started.</exception>
    public static async Task<KafkaServer> StartAsync(ProvisioningOptions options, string? engine, CancellationToken cancellationToken)
    {
        KafkaBuilder builder = new KafkaBuilder(ContainerImages.Kafka).WithLogger(NullLogger.Instance);
        if (engine is not null)
            builder = builder.WithDockerEndpoint(engine);
        Dictionary<string, string> settings = ServerProperties.Effective(nodes: 1, options.Settings);
        foreach ((string key, string value) in settings)
            builder = builder.WithEnvironment(VariableOf(key), value);
        KafkaContainer container = builder.Build();
        await ContainerStart.RunAsync(container, ContainerImages.Kafka, options.StartTimeout, cancellationToken).ConfigureAwait(false);

        string version = ContainerImages.VersionOf(ContainerImages.Kafka);
        KafkaAddress address = new(container.Hostname, container.GetMappedPublicPort(KafkaBuilder.KafkaPort));
        BrokerSource source = new(BrokerOrigin.Container, version, $"Kafka {version}, one KRaft node in a container ({ContainerImages.Kafka})", container)
        {
            Settings = settings,
            ProbeAsync = token => KafkaProbe.CheckAsync(address, tls: false, token),
        };
        return new KafkaServer(source, address.ToString());
    }

    /// <summary>The name under which the image takes a broker setting: dots become underscores, underscores two, dashes three.</summary>
    internal static string VariableOf(string setting)
        => "KAFKA_" + setting.Replace("_", "__", StringComparison.Ordinal).Replace("-", "___", StringComparison.Ordinal).Replace('.', '_').ToUpperInvariant();
}
