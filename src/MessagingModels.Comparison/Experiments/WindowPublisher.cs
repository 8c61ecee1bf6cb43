using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// Publishes with a window of messages in flight, over failures of the broker: what fails is sent again under the same id, by a new client where
/// the old one failed. Every id that it took up is confirmed once <see cref="RunAsync"/> has ended.
/// </summary>
internal sealed class WindowPublisher(Func<CancellationToken, Task<IFaultClient>> connect, Action onConfirmed) : IAsyncDisposable
{
    /// <summary>How many messages are in flight at most.</summary>
    public const int Window = 32;

    /// <summary>How long a place in the window stays empty after a confirm, on average: on one machine the brokers need time too.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly List<Task> _closing = [];
    private Task<IFaultClient>? _client;
    private int _begun;
    private int _confirmed;
    private int _inFlight;
    private volatile bool _isEnding;

    /// <summary>How many messages were confirmed; their ids begin at 0.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>How many wait for their confirm now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Publishes until <see cref="End"/>, and then until everything is confirmed.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Enumerable.Range(0, Window).Select(place => Task.Run(() => FillPlaceAsync(PaceOf(place), cancellationToken), cancellationToken)));

    /// <summary>Begins no further message.</summary>
    public void End() => _isEnding = true;

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
            Retire(client);
        await Task.WhenAll(_closing).ConfigureAwait(false);
    }

    /// <summary>Half to one and a half times the average: brokers confirm in batches, and equal pauses would make one burst of the whole window.</summary>
    private static TimeSpan PaceOf(int place) => Pace / 2 + Pace * place / Window;

    private async Task FillPlaceAsync(TimeSpan pace, CancellationToken cancellationToken)
    {
        while (!_isEnding)
        {
            await SendAsync(Interlocked.Increment(ref _begun) - 1, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _confirmed);
            onConfirmed();
            await Task.Delay(pace, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(int id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<IFaultClient> client = Connect(cancellationToken);
            try
            {
                IFaultClient connected = await client.ConfigureAwait(false);
                Interlocked.Increment(ref _inFlight);
                try
                {
                    await connected.SendAsync(id, cancellationToken).ConfigureAwait(false);
                    return;
                }
                finally
                {
                    Interlocked.Decrement(ref _inFlight);
                }
            }
            catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
            {
                // Another place may have seen the failure first, and closed the client under this one's message.
                Retire(client);
            }
        }
    }

    private Task<IFaultClient> Connect(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _client ??= _closing.Count == 0 ? connect(cancellationToken) : ConnectAgainAsync(cancellationToken);
    }

    /// <summary>One attempt for the whole window and one pause before it: a window of attempts a moment would be load of its own.</summary>
    private async Task<IFaultClient> ConnectAgainAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(false);
        return await connect(cancellationToken).ConfigureAwait(false);
    }

    private void Retire(Task<IFaultClient> client)
    {
        lock (_lock)
        {
            if (_client != client)
                return;
            _client = null;
            _closing.Add(Closing.WithinLimitAsync(client));
        }
    }
}
