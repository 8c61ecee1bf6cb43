using System.Collections.Concurrent;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Writes down what a listener is told, and does something in between where a test asks for it.</summary>
internal sealed class RecordingListener : IRebalanceListener
{
    private readonly ConcurrentQueue<string> _calls = [];

    public Func<ILogConsumer, IReadOnlyCollection<TopicPartition>, ValueTask>? Assigning { get; init; }

    public Func<ILogConsumer, IReadOnlyCollection<TopicPartition>, ValueTask>? Revoking { get; init; }

    /// <summary>The calls, as "assigned 0 1"; those that name no partition are left out.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    public ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("assigned", partitions);
        return Assigning?.Invoke(consumer, partitions) ?? ValueTask.CompletedTask;
    }

    public ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("revoked", partitions);
        return Revoking?.Invoke(consumer, partitions) ?? ValueTask.CompletedTask;
    }

    public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("lost", partitions);
        return ValueTask.CompletedTask;
    }

    private void Note(string what, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (partitions.Count > 0)
            _calls.Enqueue($"{what} {string.Join(' ', partitions.Select(p => p.Partition).Order())}");
    }
}
