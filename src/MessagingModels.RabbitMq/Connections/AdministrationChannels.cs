using System.Collections.Concurrent;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>
/// Channels for declarations and the like: each operation has one to itself, so that an error, which closes the channel it happens on, touches
/// nothing else. Thread-safe.
/// </summary>
internal sealed class AdministrationChannels(IConnection connection) : IAsyncDisposable
{
    private const int MaxIdle = 4;

    private static readonly TimeSpan LongestDiscard = TimeSpan.FromSeconds(10);

    private static readonly CreateChannelOptions WithoutConfirms = new(false, false);

    private readonly ConcurrentStack<IChannel> _idle = new();

    /// <summary>Runs an operation on a channel.</summary>
    /// <param name="operation">The operation; it goes on to its end where the wait is cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the operation answered.</returns>
    /// <exception cref="ChannelException">RabbitMQ refused the operation.</exception>
    /// <exception cref="ConnectionException">The connection is lost.</exception>
    public async ValueTask<T> RunAsync<T>(Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await RunToEndAsync(operation).WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As the other overload, for operations that answer nothing.</summary>
    public async ValueTask RunAsync(Func<IChannel, Task> operation, CancellationToken cancellationToken)
        => await RunAsync(
            async channel =>
            {
                await operation(channel).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        List<Task> discarding = [];
        while (_idle.TryPop(out IChannel? channel))
            discarding.Add(DiscardAsync(channel));
        await Task.WhenAll(discarding).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes a channel for good. A channel that RabbitMQ closed would else be opened again when the connection is recovered. Takes a bounded time:
    /// the client waits without limit for a channel whose first close was not answered.
    /// </summary>
    public static Task DiscardAsync(IChannel channel) => AbortAsync(channel).EndsWithinAsync(LongestDiscard);

    private static async Task AbortAsync(IChannel channel)
    {
        try
        {
            await channel.AbortAsync().ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (ClientErrors.Map(error) is MessagingException or ObjectDisposedException)
        {
            // The connection went first, and the channel with it; or it does not answer, and will take the channel along.
        }
    }

    private async Task<T> RunToEndAsync<T>(Func<IChannel, Task<T>> operation)
    {
        IChannel? channel = null;
        try
        {
            channel = await RentAsync().ConfigureAwait(false);
            T answer = await operation(channel).ConfigureAwait(false);
            await ReturnAsync(channel).ConfigureAwait(false);
            return answer;
        }
        catch (Exception error)
        {
            if (channel is not null)
                await DiscardAsync(channel).ConfigureAwait(false);
            if (ClientErrors.Map(error) is var mapped && mapped != error)
                throw mapped;
            throw;
        }
    }

    private async Task<IChannel> RentAsync()
    {
        while (_idle.TryPop(out IChannel? channel))
        {
            if (channel.IsOpen)
                return channel;
            await DiscardAsync(channel).ConfigureAwait(false);
        }

        return await connection.CreateChannelAsync(WithoutConfirms).ConfigureAwait(false);
    }

    private async Task ReturnAsync(IChannel channel)
    {
        if (channel.IsOpen && _idle.Count < MaxIdle)
            _idle.Push(channel);
        else
            await DiscardAsync(channel).ConfigureAwait(false);
    }
}
