namespace MessagingModels.Comparison.Targets;

/// <summary>Closes clients whose broker may be gone: they may wait long for answers that do not come.</summary>
internal static class Closing
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Closes clients at the same time, and waits 3 s for that at most.</summary>
    /// <remarks>
    /// A client that fails with its broker or connection (<see cref="MessagingException"/>, or cancelled) counts as closed: it may have failed
    /// before and fail again, and whatever was to be known of its messages was known before. Any other failure is thrown where it comes in time.
    /// A client that does not close in time is left behind: it goes on closing by itself, holds its connections and memory until then, and how it
    /// ends is not looked at.
    /// </remarks>
    public static Task WithinLimitAsync(params IReadOnlyList<IAsyncDisposable> clients)
        => WaitAsync(Task.WhenAll(clients.Select(static client => CloseAsync(Task.FromResult(client)))));

    /// <summary>The same for a client that may still be connecting: it is closed once it has, and one that could not is closed.</summary>
    public static Task WithinLimitAsync<T>(Task<T> connecting)
        where T : IAsyncDisposable
        => WaitAsync(CloseAsync(connecting));

    private static async Task WaitAsync(Task closing)
    {
        if (await Task.WhenAny(closing, Task.Delay(Limit, CancellationToken.None)).ConfigureAwait(false) == closing)
            await closing.ConfigureAwait(false);
    }

    private static async Task CloseAsync<T>(Task<T> connecting)
        where T : IAsyncDisposable
    {
        try
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            // As the remarks above have it.
        }
    }
}
