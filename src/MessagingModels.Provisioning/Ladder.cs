namespace MessagingModels.Provisioning;

/// <summary>Tries one way after the other to get a broker.</summary>
internal static class Ladder
{
    /// <param name="system">What is looked for.</param>
    /// <param name="remedy">What the user can name to get one.</param>
    /// <param name="rungs">The ways in order, each with a name; a way that is closed throws <see cref="BrokerUnavailableException"/>.</param>
    /// <exception cref="BrokerUnavailableException">All are closed; lists each with its reason.</exception>
    public static async Task<T> TakeFirstAsync<T>(string system, string remedy, IReadOnlyList<(string Name, Func<Task<T>> StartAsync)> rungs)
    {
        List<string> tried = [];
        bool wasConfigured = false;
        foreach ((string name, Func<Task<T>> startAsync) in rungs)
        {
            try
            {
                return await startAsync().ConfigureAwait(false);
            }
            catch (BrokerUnavailableException error)
            {
                wasConfigured |= error.WasConfigured;
                tried.Add($"{name}: {error.Message.TrimEnd('.')}");
            }
        }

        throw new BrokerUnavailableException($"No {system} to be had, tried {string.Join("; ", tried)}. Give {remedy}.") { WasConfigured = wasConfigured };
    }
}
