namespace MessagingModels.Provisioning;

/// <summary>The check of an address that a user gave, bounded in time: a user who mistyped it should not wait for a minute.</summary>
internal static class GivenAddress
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <exception cref="BrokerUnavailableException">What the check found, or that it took too long.</exception>
    public static async Task<T> CheckAsync<T>(
        string address, TimeSpan startTimeout, Func<CancellationToken, Task<T>> checkAsync, CancellationToken cancellationToken)
    {
        TimeSpan limit = startTimeout < Longest ? startTimeout : Longest;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            return await checkAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokerUnavailableException($"{address} did not answer within {limit.TotalSeconds:0.#} s");
        }
    }
}
