using MessagingModels;
using MessagingModels.Hosting;
using MessagingModels.RabbitMq;
using MessagingModels.RabbitMq.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts RabbitMQ behind the exchange model of a host.</summary>
public static class RabbitMqBuilderExtensions
{
    /// <summary>The part of the configuration section that holds <see cref="RabbitMqOptions"/>.</summary>
    public const string SectionName = "RabbitMq";

    /// <summary>
    /// Puts a RabbitMQ cluster behind <see cref="IExchangeBroker"/>. Options come from the section <see cref="SectionName"/>, where the builder
    /// has a configuration, then from <paramref name="configure"/>; they are validated when the host starts, which fails where RabbitMQ cannot be reached.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options, or null to leave them.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The exchange model has a provider already.</exception>
    public static MessagingModelsBuilder UseRabbitMq(this MessagingModelsBuilder builder, Action<RabbitMqOptions>? configure = null)
    {
        builder.UseProvider<RabbitMqProvider, RabbitMqOptions>(MessagingModel.Exchange, SectionName, configure, static options => options.Validate());
        return builder;
    }
}
