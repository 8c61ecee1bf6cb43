using System.Text;
using DotNet.Testcontainers.Builders;
using MessagingModels.Provisioning.RabbitMq;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.RabbitMq;

namespace MessagingModels.Provisioning.Containers;

/// <summary>RabbitMQ in a container, with its management API and the plugins that local processes have.</summary>
internal static class RabbitMqContainerBroker
{
    private const string User = "mm";
    private const ushort ManagementPort = 15672;

    /// <inheritdoc cref="KafkaContainerBroker.StartAsync"/>
    public static async Task<RabbitMqServer> StartAsync(ProvisioningOptions options, string? engine, CancellationToken cancellationToken)
    {
        RabbitMqBuilder builder = new RabbitMqBuilder(ContainerImages.RabbitMq)
            .WithLogger(NullLogger.Instance)
            .WithUsername(User)
            .WithPassword(User)
            .WithPortBinding(ManagementPort, assignRandomHostPort: true)
            .WithResourceMapping(Encoding.UTF8.GetBytes(ConfigurationFile.Plugins), FilePath.Of("/etc/rabbitmq/enabled_plugins"))
            .WithResourceMapping(Encoding.UTF8.GetBytes(ConfigurationFile.Lines(options.Settings)), FilePath.Of("/etc/rabbitmq/conf.d/90-settings.conf"));
        if (engine is not null)
            builder = builder.WithDockerEndpoint(engine);
        RabbitMqContainer container = builder.Build();
        await ContainerStart.RunAsync(container, ContainerImages.RabbitMq, options.StartTimeout, cancellationToken).ConfigureAwait(false);

        try
        {
            Uri amqp = new($"amqp://{User}:{User}@{container.Hostname}:{container.GetMappedPublicPort(RabbitMqBuilder.RabbitMqPort)}/");
            Uri management = new($"http://{User}:{User}@{container.Hostname}:{container.GetMappedPublicPort(ManagementPort)}");
            string version = (await GivenAddress.CheckAsync(
                amqp.Authority, options.StartTimeout, token => AmqpProbe.LogInAsync(amqp, token), cancellationToken).ConfigureAwait(false)).Version;
            BrokerSource source = new(BrokerOrigin.Container, version, $"RabbitMQ {version}, one node in a container ({ContainerImages.RabbitMq})", container)
            {
                Settings = ConfigurationFile.Named(options.Settings),
                ProbeAsync = token => AmqpProbe.LogInAsync(amqp, token),
            };
            return new RabbitMqServer(source, [amqp], [management]);
        }
        catch
        {
            await container.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
