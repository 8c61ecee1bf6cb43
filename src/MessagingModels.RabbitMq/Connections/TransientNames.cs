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
    private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal);

    public TransientNames(ILogger logger)
    {
        Filter = new TopologyRecoveryFilter
        {
            QueueFilter = static queue => queue.Exclusive || queue.AutoDelete || !queue.Durable,
            ExchangeFilter = static exchange => exchange.AutoDelete || !exchange.Durable,
            BindingFilter = binding => _names.ContainsKey(binding.Source) || _names.ContainsKey(binding.Destination),
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

    /// <summary>Notes a queue or exchange that was declared.</summary>
    public void Note(string name, bool isTransient)
    {
        if (isTransient)
            _names[name] = true;
    }

    private static bool IsRefusal(Exception error)
        => error is OperationInterruptedException { ShutdownReason: { } reason } && ClientErrors.IsChannelError(reason);
}
