using DotNet.Testcontainers.Configurations;

namespace MessagingModels.Provisioning.Containers;

/// <summary>Finds out whether a Docker engine answers: once per process and in two seconds at most, since most runs without one should not feel it.</summary>
internal static class DockerEngine
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly Lazy<Task<bool>> Answers = new(
        static () => Task.Run(static () => TestcontainersSettings.OS.DockerEndpointAuthConfig is not null).WaitAsync(Limit));

    /// <exception cref="BrokerUnavailableException">None answers.</exception>
    public static async Task EnsureAsync()
    {
        try
        {
            if (await Answers.Value.ConfigureAwait(false))
                return;
        }
        catch (TypeInitializationException error)
        {
            // The library reads DOCKER_HOST and its own settings when it is first used, and refuses what it cannot make sense of in many ways.
            string reason = error.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new BrokerUnavailableException($"DOCKER_HOST or the settings of Testcontainers make no sense: {reason}", error);
        }
        catch (TimeoutException)
        {
            throw new BrokerUnavailableException($"no Docker engine answered within {Limit.TotalSeconds:0} s") { WasConfigured = false };
        }

        throw new BrokerUnavailableException("no Docker engine answers, neither at DOCKER_HOST nor at its usual sockets") { WasConfigured = false };
    }
}
