using DotNet.Testcontainers.Containers;

namespace MessagingModels.Provisioning.Containers;

/// <summary>Starts a container, or says on one line why not.</summary>
internal static class ContainerStart
{
    /// <summary>An image that is not there yet is pulled first, at the speed of the user's network.</summary>
    private static readonly TimeSpan PullAllowance = TimeSpan.FromMinutes(3);

    /// <exception cref="BrokerUnavailableException">The options leave containers out.</exception>
    public static void Check(ProvisioningOptions options)
    {
        if (!options.UseContainers)
            throw new BrokerUnavailableException("not asked for");
        if (options.Nodes > 1)
            throw new BrokerUnavailableException("not for a cluster, which compose/ can run: give its address then");
    }

    /// <summary>Starts it and waits until its log says that it is ready.</summary>
    /// <exception cref="BrokerUnavailableException">The image cannot be had, or the container does not start or not in time. The container is removed.</exception>
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
            throw new BrokerUnavailableException($"{image} was not pulled and started within {(startTimeout + PullAllowance).TotalSeconds:0} s; pull it beforehand", error);
        }
        catch (Exception error)
        {
            // The engine, its registry and the library report in many types, none of them documented: each means that there is no container.
            await container.DisposeAsync().ConfigureAwait(false);
            throw new BrokerUnavailableException($"the Docker engine could not start {image}: {FirstLine(error.Message)}", error);
        }
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
