using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessagingModels.Kafka.Hosting;

/// <summary>The connection of a host to its Kafka cluster.</summary>
internal sealed class KafkaProvider(IOptions<KafkaOptions> options, ILoggerFactory? loggers = null) : IMessagingProvider
{
    private KafkaLogBroker? _broker;

    public string Name => "kafka";

    public async ValueTask<MessagingBrokers> StartAsync(CancellationToken cancellationToken)
    {
        _broker = await KafkaLogBroker.ConnectAsync(options.Value, loggers, cancellationToken).ConfigureAwait(false);
        return new MessagingBrokers(_broker, null);
    }

    public async ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_broker is not { } broker)
            return HealthCheckResult.Unhealthy("There is no connection to Kafka.");
        try
        {
            int brokers = await broker.CountBrokersAsync(options.Value.HealthTimeout, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"Kafka answers; its cluster has {brokers} brokers."));
        }
        catch (LogException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Message, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _broker, null) is { } broker)
            await broker.DisposeAsync().ConfigureAwait(false);
    }
}
