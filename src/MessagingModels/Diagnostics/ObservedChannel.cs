using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MessagingModels;

/// <summary>A channel whose publishes and deliveries are traced and measured while someone listens; else it hands every call straight on.</summary>
internal sealed class ObservedChannel(IExchangeChannel inner, MessagingSystem? system = null) : IExchangeChannel
{
    public ChannelOptions Options => inner.Options;

    public bool IsOpen => inner.IsOpen;

    public ValueTask<PublishOutcome> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null,
        bool mandatory = false, CancellationToken cancellationToken = default)
        => MessagingDiagnostics.ObservesSends
            ? PublishObservedAsync(exchange, routingKey, body, properties, mandatory, cancellationToken)
            : inner.PublishAsync(exchange, routingKey, body, properties, mandatory, cancellationToken);

    public ValueTask EnqueueAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null,
        bool mandatory = false, CancellationToken cancellationToken = default)
        => MessagingDiagnostics.ObservesSends
            ? EnqueueObservedAsync(exchange, routingKey, body, properties, mandatory, cancellationToken)
            : inner.EnqueueAsync(exchange, routingKey, body, properties, mandatory, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public async ValueTask<IQueueConsumer> ConsumeAsync(
        string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default)
        => new ObservedQueueConsumer(await inner.ConsumeAsync(queue, options, cancellationToken).ConfigureAwait(false), system);

    public ValueTask<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellationToken = default)
        => MessagingMetrics.MeasuresReceives
            ? GetObservedAsync(queue, autoAck, cancellationToken)
            : inner.GetAsync(queue, autoAck, cancellationToken);

    public ValueTask AckAsync(ulong deliveryTag, bool multiple = false, CancellationToken cancellationToken = default)
        => inner.AckAsync(deliveryTag, multiple, cancellationToken);

    public ValueTask NackAsync(ulong deliveryTag, bool multiple = false, bool requeue = true, CancellationToken cancellationToken = default)
        => inner.NackAsync(deliveryTag, multiple, requeue, cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, bool requeue = false, CancellationToken cancellationToken = default)
        => inner.RejectAsync(deliveryTag, requeue, cancellationToken);

    public ValueTask RecoverAsync(CancellationToken cancellationToken = default) => inner.RecoverAsync(cancellationToken);

    public ValueTask SetPrefetchAsync(ushort prefetch, CancellationToken cancellationToken = default) => inner.SetPrefetchAsync(prefetch, cancellationToken);

    public ValueTask SelectTransactionAsync(CancellationToken cancellationToken = default) => inner.SelectTransactionAsync(cancellationToken);

    public ValueTask CommitAsync(CancellationToken cancellationToken = default) => inner.CommitAsync(cancellationToken);

    public ValueTask RollbackAsync(CancellationToken cancellationToken = default) => inner.RollbackAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<PublishOutcome> PublishObservedAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties, bool mandatory,
        CancellationToken cancellationToken)
    {
        using Activity? span = StartPublish(exchange, routingKey, body.Length);
        long begin = MessagingMetrics.Begin();
        Exception? failure = null;
        try
        {
            return await inner.PublishAsync(
                exchange, routingKey, body, TraceContext.Inject(span, properties), mandatory, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            MessagingDiagnostics.Fail(span, exception);
            throw;
        }
        finally
        {
            string label = ObservedDestination.LabelOfExchange(exchange);
            MessagingMetrics.Sent(MessagingOperation.Publish, label, 1, failure, system);
            MessagingMetrics.Ended(MessagingOperation.Publish, label, begin, error: failure, system: system);
        }
    }

    /// <summary>Counted as an attempt when it is handed over: the outcome is told to the next flush.</summary>
    private async ValueTask EnqueueObservedAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties, bool mandatory,
        CancellationToken cancellationToken)
    {
        using Activity? span = StartPublish(exchange, routingKey, body.Length);
        Exception? failure = null;
        try
        {
            await inner.EnqueueAsync(
                exchange, routingKey, body, TraceContext.Inject(span, properties), mandatory, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            MessagingDiagnostics.Fail(span, exception);
            throw;
        }
        finally
        {
            MessagingMetrics.Sent(MessagingOperation.Publish, ObservedDestination.LabelOfExchange(exchange), 1, failure, system);
        }
    }

    private async ValueTask<Delivery?> GetObservedAsync(string queue, bool autoAck, CancellationToken cancellationToken)
    {
        long begin = MessagingMetrics.Begin();
        Delivery? delivery = await inner.GetAsync(queue, autoAck, cancellationToken).ConfigureAwait(false);
        string? label = ObservedDestination.LabelOfQueue(queue);
        MessagingMetrics.Ended(MessagingOperation.Get, label, begin, system: system);
        MessagingMetrics.Consumed(MessagingOperation.Get, label, null, delivery is null ? 0 : 1, system);
        return delivery;
    }

    private Activity? StartPublish(string exchange, string routingKey, int bodyBytes)
    {
        if (!MessagingDiagnostics.ObservesSpans)
            return null;
        Activity? span = MessagingDiagnostics.Start(MessagingOperation.Publish, ObservedDestination.OfPublish(exchange, routingKey), system: system);
        if (span is { IsAllDataRequested: true })
        {
            MessagingDiagnostics.SetRoutingKey(span, routingKey);
            span.SetTag(MessagingTags.BodySize, bodyBytes);
        }

        return span;
    }

    /// <summary>A consumer whose deliveries are counted, where someone listens when its reading begins.</summary>
    private sealed class ObservedQueueConsumer(IQueueConsumer inner, MessagingSystem? system) : IQueueConsumer
    {
        public string Queue => inner.Queue;

        public string ConsumerTag => inner.ConsumerTag;

        public IAsyncEnumerable<Delivery> ReadAsync(CancellationToken cancellationToken = default)
            => MessagingMetrics.MeasuresReceives ? ReadObservedAsync(cancellationToken) : inner.ReadAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private async IAsyncEnumerable<Delivery> ReadObservedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            string? label = ObservedDestination.LabelOfQueue(inner.Queue);
            await foreach (Delivery delivery in inner.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                MessagingMetrics.Consumed(MessagingOperation.Consume, label, null, 1, system);
                yield return delivery;
            }
        }
    }
}
