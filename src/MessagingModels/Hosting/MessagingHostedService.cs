using Microsoft.Extensions.Hosting;

namespace MessagingModels.Hosting;

/// <summary>Ties the providers to the host's life: up before any service's <c>StartAsync</c>, down after every <c>StopAsync</c>.</summary>
internal sealed class MessagingHostedService(ProviderHost host) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => host.StartAsync(cancellationToken).AsTask();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => host.StopAsync().AsTask();
}
