using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>
/// Which queues and exchanges the client declares again after a lost connection: those that may have gone with it. Durable ones outlive it, and
/// one that somebody deleted meanwhile must stay deleted. Consumers are started again by their channels.
/// </summary>
internal sealed class TransientNames
{
    private readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _exchanges = new(StringComparer.Ordinal);

    public TransientNames(ILogger logger)
    {
        Filter = new TopologyRecoveryFilter
        {
            QueueFilter = static queue => queue.Exclusive || queue.AutoDelete || !queue.Durable,
            ExchangeFilter = static exchange => exchange.AutoDelete || !exchange.Durable,
            // It does not tell whether the destination is a queue or an exchange; of a durable one the binding is there, and is made again in vain.
            BindingFilter = binding => _exchanges.ContainsKey(binding.Source) || _exchanges.ContainsKey(binding.Destination)
                || _queues.ContainsKey(binding.Destination),
            ConsumerFilter = static _ => false,
        };
        // Without these the client would begin from the start for as long as one declaration is refused.
        RecoveryErrors = new TopologyRecoveryExceptionHandler
        {
            QueueRecoveryExceptionCondition = static (_, error) => IsRefusal(error),
            ExchangeRecoveryExceptionCondition = static (_, error) => IsRefusal(error),
            BindingRecoveryExceptionCondition = static (_, error) => IsRefusal(error),
            QueueRecoveryExceptionHandlerAsync = (queue, error, _) => Report(queue.Name, error),
            ExchangeRecoveryExceptionHandlerAsync = (exchange, error, _) => Report(exchange.Name, error),
            BindingRecoveryExceptionHandlerAsync = (binding, error, _) => Report($"{binding.Source} -> {binding.Destination}", error),
        };

        Task Report(string name, Exception error)
        {
            RabbitMqLog.TopologyNotRecovered(logger, name, ClientErrors.Map(error).Message);
            return Task.CompletedTask;
        }
    }

    public TopologyRecoveryFilter Filter { get; }

    public TopologyRecoveryExceptionHandler RecoveryErrors { get; }

    /// <summary>Notes a queue that was declared; one that was deleted is not transient any more.</summary>
    public void NoteQueue(string name, bool isTransient) => Note(_queues, name, isTransient);

    /// <summary>The same for an exchange.</summary>
    public void NoteExchange(string name, bool isTransient) => Note(_exchanges, name, isTransient);

    /// <summary>True for a transient queue that was declared here; an exclusive one that was not is another connection's.</summary>
    public bool HasQueue(string name) => _queues.ContainsKey(name);

    private static void Note(ConcurrentDictionary<string, bool> names, string name, bool isTransient)
    {
        if (isTransient)
            names[name] = true;
        else
            names.TryRemove(name, out _);
    }

    private static bool IsRefusal(Exception error)
        => error is OperationInterruptedException { ShutdownReason: { } reason } && ClientErrors.IsChannelError(reason);
}
