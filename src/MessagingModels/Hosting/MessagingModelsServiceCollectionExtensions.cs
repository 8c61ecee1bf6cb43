using MessagingModels;
using MessagingModels.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the messaging models to a host.</summary>
public static class MessagingModelsServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ILogBroker"/> and <see cref="IExchangeBroker"/>, and a hosted service that starts what is behind them before the
    /// host's other services start and stops it after they have stopped.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Says which provider stands behind each model.</param>
    /// <returns>The services.</returns>
    /// <exception cref="InvalidOperationException">No provider was chosen, or two for one model.</exception>
    public static IServiceCollection AddMessagingModels(this IServiceCollection services, Action<MessagingModelsBuilder> configure)
        => Add(services, null, configure);

    /// <summary>As the other overload, with options read from a configuration section and validated when the host starts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section; each provider reads the part under its own name, for example <c>Embedded</c>.</param>
    /// <param name="configure">Says which provider stands behind each model.</param>
    /// <returns>The services.</returns>
    /// <exception cref="InvalidOperationException">No provider was chosen, or two for one model.</exception>
    public static IServiceCollection AddMessagingModels(
        this IServiceCollection services, IConfiguration configuration, Action<MessagingModelsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, configuration, configure);
    }

    /// <summary>Adds a health check: unhealthy, with the reason, where a provider's broker cannot be used.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="tags">Tags to filter by, or null for none.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddMessagingModels(
        this IHealthChecksBuilder builder, string name = "messaging", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, services => new MessagingHealthCheck(services.GetRequiredService<ProviderHost>()), failureStatus: null, tags));
    }

    private static IServiceCollection Add(
        IServiceCollection services, IConfiguration? configuration, Action<MessagingModelsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        List<ProviderRegistration> registrations = RegistrationsOf(services);
        configure(new MessagingModelsBuilder(services, configuration, registrations));
        if (registrations.Count == 0)
        {
            throw new InvalidOperationException(
                "AddMessagingModels was given no provider. Choose one, for example AddMessagingModels(b => b.UseEmbedded()).");
        }

        services.TryAddSingleton(sp => new ProviderHost(registrations, sp));
        services.TryAddSingleton<ILogBroker>(sp => new HostedLogBroker(sp.GetRequiredService<ProviderHost>()));
        services.TryAddSingleton<IExchangeBroker>(sp => new HostedExchangeBroker(sp.GetRequiredService<ProviderHost>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MessagingHostedService>());
        return services;
    }

    /// <summary>The list that all calls on one service collection share, so that a second call adds to the first.</summary>
    private static List<ProviderRegistration> RegistrationsOf(IServiceCollection services)
    {
        foreach (ServiceDescriptor service in services)
        {
            if (service.ServiceType == typeof(List<ProviderRegistration>))
                return (List<ProviderRegistration>)service.ImplementationInstance!;
        }

        List<ProviderRegistration> registrations = [];
        services.AddSingleton(registrations);
        return registrations;
    }
}
