using MessagingModels;
using MessagingModels.Broker;
using MessagingModels.Broker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

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
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseProvider<EmbeddedProvider>(MessagingModel.Both);
        OptionsBuilder<EmbeddedBrokerOptions> options = builder.Services.AddOptions<EmbeddedBrokerOptions>();
        if (builder.Configuration is { } configuration)
            options.Bind(configuration.GetSection(SectionName), binder => binder.ErrorOnUnknownConfiguration = true);
        if (configure is not null)
            options.Configure(configure);
        options.PostConfigure<IEnumerable<IExchangeType>, IEnumerable<IGroupAssignor>>(AddExtensions);
        options.ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<EmbeddedBrokerOptions>, EmbeddedOptionsValidator>();
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
