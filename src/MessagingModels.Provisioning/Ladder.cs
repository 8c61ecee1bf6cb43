namespace MessagingModels.Provisioning;

/// <summary>Tries one way after the other to get a broker.</summary>
internal static class Ladder
{
    /// <param name="system">What is looked for.</param>
    /// <param name="remedy">What the user can name to get one.</param>
    /// <param name="rungs">The ways in order, each with a name; a way that is closed throws <see cref="BrokerUnavailableException"/>.</param>
    /// <returns>The first that was had; it knows of the ways before it that should have worked.</returns>
    /// <exception cref="BrokerUnavailableException">All are closed; lists each with its reason.</exception>
    public static async Task<T> TakeFirstAsync<T>(string system, string remedy, IReadOnlyList<(string Name, Func<Task<T>> StartAsync)> rungs)
        where T : ProvisionedBroker
    {
        List<string> tried = [];
        List<string> failed = [];
        foreach ((string name, Func<Task<T>> startAsync) in rungs)
        {
            try
            {
                T broker = await startAsync().ConfigureAwait(false);
                broker.FailedBefore = string.Join("; ", failed);
                return broker;
            }
            catch (BrokerUnavailableException error)
            {
                tried.Add($"{name}: {error.Message.TrimEnd('.')}");
                if (error.WasConfigured)
                    failed.Add(tried[^1]);
            }
        }

        throw new BrokerUnavailableException($"No {system} to be had, tried {string.Join("; ", tried)}. Give {remedy}.") { WasConfigured = failed.Count > 0 };
    }
}
