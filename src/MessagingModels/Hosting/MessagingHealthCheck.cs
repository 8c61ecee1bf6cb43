using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.Hosting;

/// <summary>Reports the worst of what the providers report, with the status asked for at registration where that is a failure.</summary>
internal sealed class MessagingHealthCheck(ProviderHost host) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthCheckResult result = await host.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
        return result.Status is HealthStatus.Unhealthy
            ? new HealthCheckResult(context.Registration.FailureStatus, result.Description, result.Exception, result.Data)
            : result;
    }
}
