using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessagingModels.RabbitMq.Hosting;

/// <summary>RabbitMQ as a host's provider of the exchange model.</summary>
internal sealed class RabbitMqProvider(IOptions<RabbitMqOptions> options, ILoggerFactory? loggers = null) : IMessagingProvider
{
    /// <summary>A health check that waits as long as an operation may take would be given up by who asked.</summary>
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);

    private RabbitMqExchangeBroker? _broker;

    public string Name => "rabbitmq";

    public async ValueTask<MessagingBrokers> StartAsync(CancellationToken cancellationToken)
    {
        _broker = await RabbitMqExchangeBroker.ConnectAsync(options.Value, loggers, cancellationToken).ConfigureAwait(false);
        return new MessagingBrokers(null, _broker);
    }

    public async ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_broker is not { } broker)
            return HealthCheckResult.Unhealthy("RabbitMQ is not connected.");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HealthTimeout);
        try
        {
            return await broker.CheckHealthAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"RabbitMQ did not answer within {HealthTimeout}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _broker, null) is { } broker)
            await broker.DisposeAsync().ConfigureAwait(false);
    }
}
