using MessagingModels;
using MessagingModels.Hosting;
using MessagingModels.Kafka;
using MessagingModels.Kafka.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a Kafka cluster behind the log model of a host.</summary>
public static class KafkaBuilderExtensions
{
    /// <summary>The part of the configuration section that holds <see cref="KafkaOptions"/>.</summary>
    public const string SectionName = "Kafka";

    /// <summary>
    /// Takes the log model from a Kafka cluster. Options come from the section <see cref="SectionName"/>, where the builder has a
    /// configuration, then from <paramref name="configure"/>; they are validated when the host starts, which then waits for the cluster's
    /// answer.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options, or null to leave them.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The log model has a provider already.</exception>
    public static MessagingModelsBuilder UseKafka(this MessagingModelsBuilder builder, Action<KafkaOptions>? configure = null)
    {
        builder.UseProvider<KafkaProvider, KafkaOptions>(MessagingModel.Log, SectionName, configure, static options => options.Validate());
        return builder;
    }
}
