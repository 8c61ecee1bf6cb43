using System.Collections.Concurrent;
using MessagingModels.RabbitMq;

namespace MessagingModels.Comparison.Targets;

/// <summary>What a name on a broker stands for.</summary>
internal enum LeftoverKind
{
    Queue,
    Exchange,
}

/// <summary>
/// The queues and exchanges that a run declared and has not removed. Sessions remove theirs; those of a session that could not are removed at the
/// run's end, on a broker that others use. Safe for concurrent use.
/// </summary>
internal sealed class RabbitMqLeftovers
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<(LeftoverKind Kind, string Name), bool> _names = new();

    public void Add(LeftoverKind kind, string name) => _names[(kind, name)] = true;

    /// <summary>Removes one; it stays noted where the broker does not do it.</summary>
    public async Task RemoveAsync(RabbitMqExchangeBroker broker, LeftoverKind kind, string name, CancellationToken cancellationToken = default)
    {
        try
        {
            if (kind == LeftoverKind.Queue)
                await broker.DeleteQueueAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            else
                await broker.DeleteExchangeAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            _names.TryRemove((kind, name), out _);
        }
        catch (MessagingException)
        {
            // The broker is gone, or refuses: the end of the run is another chance.
        }
    }

    /// <summary>Removes all that is still noted, over a connection of its own; gives up where the broker does not answer.</summary>
    public async Task RemoveAsync(RabbitMqOptions options)
    {
        if (_names.IsEmpty)
            return;
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options, null, limit.Token).ConfigureAwait(false);
            foreach ((LeftoverKind kind, string name) in _names.Keys)
                await RemoveAsync(broker, kind, name, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            // The broker is gone; what is left there begins with "mm-", to be found by hand.
        }
    }
}
