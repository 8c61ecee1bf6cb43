using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Hosting;

/// <summary>Starts and stops the providers of a host, and holds the brokers while they run.</summary>
internal sealed class ProviderHost(IReadOnlyList<ProviderRegistration> registrations, IServiceProvider services)
{
    private readonly ILogger _logger = services.GetService<ILoggerFactory>()?.CreateLogger("MessagingModels.Hosting") ?? NullLogger.Instance;
    private volatile State _state = State.NotStarted;

    /// <summary>The log model.</summary>
    /// <exception cref="InvalidOperationException">The host does not run, or no provider offers the model.</exception>
    public ILogBroker Log => _state.Log ?? throw Unavailable(MessagingModel.Log);

    /// <summary>The exchange model.</summary>
    /// <exception cref="InvalidOperationException">The host does not run, or no provider offers the model.</exception>
    public IExchangeBroker Exchanges => _state.Exchanges ?? throw Unavailable(MessagingModel.Exchange);

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        ILogBroker? log = null;
        IExchangeBroker? exchanges = null;
        List<IMessagingProvider> started = [];
        try
        {
            foreach (ProviderRegistration registration in registrations)
            {
                var provider = (IMessagingProvider)services.GetRequiredService(registration.ProviderType);
                started.Add(provider);
                MessagingBrokers brokers = await StartAsync(provider, cancellationToken).ConfigureAwait(false);
                if (registration.Models.HasFlag(MessagingModel.Log))
                    log = brokers.Log ?? throw Missing(provider, nameof(ILogBroker));
                if (registration.Models.HasFlag(MessagingModel.Exchange))
                    exchanges = brokers.Exchanges ?? throw Missing(provider, nameof(IExchangeBroker));
            }
        }
        catch
        {
            await DisposeAsync(started).ConfigureAwait(false);
            throw;
        }

        _state = new State(Phase.Running, log, exchanges, started);
    }

    public async ValueTask StopAsync()
    {
        State state = _state;
        _state = State.Stopped;
        await DisposeAsync(state.Providers).ConfigureAwait(false);
    }

    public async ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        State state = _state;
        if (state.Phase is not Phase.Running)
            return HealthCheckResult.Unhealthy(DescribePhase(state.Phase));

        HealthCheckResult worst = HealthCheckResult.Healthy(
            $"Running: {string.Join(", ", state.Providers.Select(provider => provider.Name))}.");
        foreach (IMessagingProvider provider in state.Providers)
        {
            HealthCheckResult result = await provider.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
            if (result.Status < worst.Status)
                worst = result;
        }

        return worst;
    }

    private async ValueTask<MessagingBrokers> StartAsync(IMessagingProvider provider, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        try
        {
            MessagingBrokers brokers = await provider.StartAsync(cancellationToken).ConfigureAwait(false);
            HostingLog.ProviderStarted(_logger, provider.Name, (long)Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            return brokers;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            HostingLog.ProviderFailed(_logger, exception, provider.Name);
            throw;
        }
    }

    private InvalidOperationException Unavailable(MessagingModel model)
    {
        if (registrations.Any(registration => registration.Models.HasFlag(model)))
            return new InvalidOperationException(DescribePhase(_state.Phase));
        return new InvalidOperationException(model is MessagingModel.Log
            ? "No provider offers the log model. Add one to AddMessagingModels, for example UseEmbedded()."
            : "No provider offers the exchange model. Add one to AddMessagingModels, for example UseEmbedded().");
    }

    private static string DescribePhase(Phase phase) => phase is Phase.NotStarted
        ? "The messaging models are not started yet. They start with the host (IHost.StartAsync), before its other services; " +
          "until then the brokers can be injected but not called."
        : "The messaging models have stopped with their host.";

    private static InvalidOperationException Missing(IMessagingProvider provider, string broker)
        => new($"The provider '{provider.Name}' was registered for {broker} but started without one.");

    private async ValueTask DisposeAsync(List<IMessagingProvider> providers)
    {
        for (int i = providers.Count - 1; i >= 0; i--)
        {
            await providers[i].DisposeAsync().ConfigureAwait(false);
            HostingLog.ProviderStopped(_logger, providers[i].Name);
        }
    }

    private enum Phase
    {
        NotStarted,
        Running,
        Stopped,
    }

    private sealed record State(Phase Phase, ILogBroker? Log, IExchangeBroker? Exchanges, List<IMessagingProvider> Providers)
    {
        public static readonly State NotStarted = new(Phase.NotStarted, null, null, []);
        public static readonly State Stopped = new(Phase.Stopped, null, null, []);
    }
}
