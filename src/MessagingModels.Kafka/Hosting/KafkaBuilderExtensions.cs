using MessagingModels;
using MessagingModels.Kafka;
using MessagingModels.Kafka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

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
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseProvider<KafkaProvider>(MessagingModel.Log);
        OptionsBuilder<KafkaOptions> options = builder.Services.AddOptions<KafkaOptions>();
        if (builder.Configuration is { } configuration)
            options.Bind(configuration.GetSection(SectionName), binder => binder.ErrorOnUnknownConfiguration = true);
        if (configure is not null)
            options.Configure(configure);
        options.ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<KafkaOptions>, KafkaOptionsValidator>();
        return builder;
    }
}
