using MessagingModels;
using MessagingModels.Broker;
using MessagingModels.Broker.Hosting;
using MessagingModels.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the embedded broker behind the messaging models of a host.</summary>
public static class EmbeddedBuilderExtensions
{
    /// <summary>The part of the configuration section that holds <see cref="EmbeddedBrokerOptions"/>.</summary>
    public const string SectionName = "Embedded";

    /// <summary>
    /// Runs both models in this process. Options come from the section <see cref="SectionName"/>, where the builder has a configuration,
    /// then from <paramref name="configure"/>; they are validated when the host starts. Every <see cref="IExchangeType"/> and
    /// <see cref="IGroupAssignor"/> among the services can be used by its name.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options, or null to leave them.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">One of the models has a provider already.</exception>
    public static MessagingModelsBuilder UseEmbedded(this MessagingModelsBuilder builder, Action<EmbeddedBrokerOptions>? configure = null)
    {
        builder.UseProvider<EmbeddedProvider, EmbeddedBrokerOptions>(MessagingModel.Both, SectionName, configure, static options => options.Validate())
            .PostConfigure<IEnumerable<IExchangeType>, IEnumerable<IGroupAssignor>>(AddExtensions);
        return builder;
    }

    private static void AddExtensions(EmbeddedBrokerOptions options, IEnumerable<IExchangeType> types, IEnumerable<IGroupAssignor> assignors)
    {
        foreach (IExchangeType type in types)
            options.ExchangeTypes.Add(type);
        foreach (IGroupAssignor assignor in assignors)
            options.GroupAssignors.Add(assignor);
    }
}
