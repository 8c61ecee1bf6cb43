using System.Collections.Concurrent;

namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

/// <summary>A producer that keeps what it is given, and acknowledges at once or when told to.</summary>
internal sealed class RecordingProducer : ILogProducer
{
    private readonly ConcurrentQueue<Action<DeliveryReport>> _unacknowledged = new();

    public ConcurrentQueue<ProducerRecord> Records { get; } = new();

    public bool HoldsAcknowledgements { get; set; }

    public ProducerOptions Options { get; } = new();

    public void AcknowledgeAll()
    {
        while (_unacknowledged.TryDequeue(out Action<DeliveryReport>? onDelivered))
            onDelivered(default);
    }

    public ValueTask EnqueueAsync(
        ProducerRecord record, Action<DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default)
    {
        Records.Enqueue(record);
        if (onDelivered is not null)
            _unacknowledged.Enqueue(onDelivered);
        if (!HoldsAcknowledgements)
            AcknowledgeAll();
        return ValueTask.CompletedTask;
    }

    public ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
