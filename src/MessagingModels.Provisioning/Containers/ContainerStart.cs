using System.Collections.Concurrent;
using Docker.DotNet;
using DotNet.Testcontainers.Containers;

namespace MessagingModels.Provisioning.Containers;

/// <summary>Starts a container, or says on one line why not.</summary>
internal static class ContainerStart
{
    /// <summary>An image that is not there yet is pulled first, at the speed of the user's network.</summary>
    private static readonly TimeSpan PullAllowance = TimeSpan.FromMinutes(3);

    /// <summary>
    /// What the engine refused in this process: the library asks again for the better part of a minute before it gives up, which once is enough.
    /// </summary>
    private static readonly ConcurrentDictionary<string, string> Refused = new();

    /// <exception cref="BrokerUnavailableException">The options leave containers out, or the engine refused the image before.</exception>
    public static void Check(ProvisioningOptions options, string image)
    {
        if (!options.UseContainers)
            throw new BrokerUnavailableException("not asked for") { WasConfigured = false };
        if (options.Nodes > 1)
            throw new BrokerUnavailableException("not for a cluster, which compose/ can run: give its address then") { WasConfigured = false };
        if (Refused.TryGetValue(image, out string? reason))
            throw new BrokerUnavailableException(reason);
    }

    /// <summary>Starts it and waits until its log says that it is ready.</summary>
    /// <exception cref="BrokerUnavailableException">
    /// The image cannot be had, or the container does not start or not in time. The container is removed.
    /// </exception>
    public static async Task RunAsync(IContainer container, string image, TimeSpan startTimeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(startTimeout + PullAllowance);
        try
        {
            await container.StartAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await container.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException error)
        {
            await container.DisposeAsync().ConfigureAwait(false);
            throw new BrokerUnavailableException(
                $"{image} was not pulled and started within {(startTimeout + PullAllowance).TotalSeconds:0} s; pull it beforehand", error);
        }
        catch (Exception error)
        {
            // The engine, its registry and the library report in many types, none of them documented: each means that there is no container.
            await container.DisposeAsync().ConfigureAwait(false);
            string reason = $"the Docker engine could not start {image}: {FirstLine(error.Message)}";
            if (error is DockerApiException)
                Refused.TryAdd(image, reason);
            throw new BrokerUnavailableException(reason, error);
        }
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
