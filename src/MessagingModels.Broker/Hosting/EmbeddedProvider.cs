using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessagingModels.Broker.Hosting;

/// <summary>The embedded broker of a host.</summary>
internal sealed class EmbeddedProvider(IOptions<EmbeddedBrokerOptions> options, ILoggerFactory? loggers = null) : IMessagingProvider
{
    private EmbeddedBroker? _broker;

    public string Name => "embedded";

    public async ValueTask<MessagingBrokers> StartAsync(CancellationToken cancellationToken)
    {
        _broker = await EmbeddedBroker.StartAsync(options.Value, loggers, cancellationToken).ConfigureAwait(false);
        return new MessagingBrokers(_broker.Log, _broker.Exchanges);
    }

    public async ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_broker is not { } broker)
            return HealthCheckResult.Unhealthy("The embedded broker is not running.");
        if (broker.StoreFailure is { } failure)
            return HealthCheckResult.Unhealthy($"The store is broken: {failure.Message}", failure);
        return EmbeddedHealth.Summarize(
            await EmbeddedHealth.FindErrorsAsync(broker, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _broker, null) is { } broker)
            await broker.DisposeAsync().ConfigureAwait(false);
    }
}
