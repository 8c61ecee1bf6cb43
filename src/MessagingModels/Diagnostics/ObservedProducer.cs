using System.Diagnostics;
using System.Globalization;

namespace MessagingModels;

/// <summary>A producer whose sends are traced and measured while someone listens; else it hands every call straight on.</summary>
internal sealed class ObservedProducer(ILogProducer inner, MessagingSystem? system = null) : ILogProducer
{
    public ProducerOptions Options => inner.Options;

    public ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default)
        => MessagingDiagnostics.ObservesSends ? ProduceObservedAsync(record, cancellationToken) : inner.ProduceAsync(record, cancellationToken);

    public ValueTask EnqueueAsync(
        ProducerRecord record, Action<DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default)
        => MessagingDiagnostics.ObservesSends
            ? EnqueueObservedAsync(record, onDelivered, cancellationToken)
            : inner.EnqueueAsync(record, onDelivered, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default) => inner.InitializeTransactionsAsync(cancellationToken);

    public ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default) => inner.BeginTransactionAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<RecordPosition> ProduceObservedAsync(ProducerRecord record, CancellationToken cancellationToken)
    {
        using Activity? span = MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic(record.Topic), system: system);
        long begin = MessagingMetrics.Begin();
        Exception? failure = null;
        try
        {
            RecordPosition at = await inner.ProduceAsync(
                record with { Headers = TraceContext.Inject(span, record.Headers) }, cancellationToken).ConfigureAwait(false);
            if (span is { IsAllDataRequested: true })
            {
                span.SetTag(MessagingTags.PartitionId, at.Partition.ToString(CultureInfo.InvariantCulture));
                span.SetTag(MessagingTags.Offset, at.Offset.Value);
            }

            return at;
        }
        catch (Exception exception)
        {
            failure = exception;
            MessagingDiagnostics.Fail(span, exception);
            throw;
        }
        finally
        {
            MessagingMetrics.Sent(MessagingOperation.Send, record.Topic, 1, failure, system);
            MessagingMetrics.Ended(MessagingOperation.Send, record.Topic, begin, error: failure, system: system);
        }
    }

    /// <summary>Counted as an attempt when it is handed over: the outcome is told to the callback, or to the next flush.</summary>
    private async ValueTask EnqueueObservedAsync(ProducerRecord record, Action<DeliveryReport>? onDelivered, CancellationToken cancellationToken)
    {
        using Activity? span = MessagingDiagnostics.Start(MessagingOperation.Send, ObservedDestination.OfTopic(record.Topic), system: system);
        Exception? failure = null;
        try
        {
            await inner.EnqueueAsync(
                record with { Headers = TraceContext.Inject(span, record.Headers) }, onDelivered, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            MessagingDiagnostics.Fail(span, exception);
            throw;
        }
        finally
        {
            MessagingMetrics.Sent(MessagingOperation.Send, record.Topic, 1, failure, system);
        }
    }
}
