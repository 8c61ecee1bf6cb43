using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels;

/// <summary>
/// What stands behind the API in a host: the embedded broker, or a client of a real one. A provider is created by the container,
/// started once before the host's other services and disposed after them; disposing it again has no effect.
/// </summary>
public interface IMessagingProvider : IAsyncDisposable
{
    /// <summary>The provider's name in logs and health reports, for example <c>embedded</c>.</summary>
    string Name { get; }

    /// <summary>Starts the broker or connects to it. Called once.</summary>
    /// <param name="cancellationToken">Ends the start, which then fails.</param>
    /// <returns>The brokers of the models the provider was registered for; the provider goes on owning them.</returns>
    ValueTask<MessagingBrokers> StartAsync(CancellationToken cancellationToken);

    /// <summary>Tells whether the broker can be used. Called only after the start.</summary>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>Healthy, or the reason why not.</returns>
    ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken);
}

/// <summary>What a started provider offers.</summary>
/// <param name="Log">The log model, or null where the provider has none.</param>
/// <param name="Exchanges">The exchange model, or null where the provider has none.</param>
public sealed record MessagingBrokers(ILogBroker? Log, IExchangeBroker? Exchanges);
