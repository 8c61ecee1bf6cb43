using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Channels;

internal sealed partial class RabbitMqChannel
{
    /// <summary>Held while prefetches are set, and while a consumer starts with the one set ahead of it.</summary>
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly List<RabbitMqQueueConsumer> _consumers = [];

    /// <summary>The limit over all consumers; 0 for none.</summary>
    private ushort _sharedPrefetch;

    /// <summary>What RabbitMQ gives to new consumers of the channel; null while it is not known.</summary>
    private ushort? _ownPrefetch;

    public async ValueTask<IQueueConsumer> ConsumeAsync(
        string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new QueueConsumerOptions();
        cancellationToken.ThrowIfCancellationRequested();
        ShortText.Check(queue, options);
        ThrowIfUnusable();
        RabbitMqQueueConsumer consumer = new(this, _channel, _unsettled, queue, options);
        string name = _context.CurrentName(queue);
        if (options.AutoAck)
            await RefuseStreamAsync(name, "automatic acknowledgement not supported by stream", cancellationToken).ConfigureAwait(false);
        if (_sharedPrefetch > 0)
            await CloseIfRefusedAsync(_context.Types.RefuseReplicatedAsync(name, cancellationToken)).ConfigureAwait(false);
        CheckTag(options);
        lock (_lock)
            _consumers.Add(consumer);
        Task started = CallAsync(
            async channel =>
            {
                await StartAsync(consumer, channel).ConfigureAwait(false);
                return true;
            },
            CancellationToken.None);
        try
        {
            await started.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
            return consumer;
        }
        catch (Exception error)
        {
            _context.Types.NoteError(name, error);
            Forget(consumer);
            // Where only the wait was cancelled the consumer starts all the same, if it has not by now, and would take messages that nobody reads.
            if (!started.IsFaulted)
                _ = started.ContinueWith(_ => consumer.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();
            throw;
        }
    }

    public async ValueTask<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ShortText.Check(queue, "queue name");
        ThrowIfUnusable();
        string name = _context.CurrentName(queue);
        await RefuseStreamAsync(name, "basic.get not supported by stream queues", cancellationToken).ConfigureAwait(false);
        Task<Delivery?> getting = CallAsync(channel => GetAsync(channel, name, autoAck), CancellationToken.None);
        try
        {
            return await getting.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!getting.IsFaulted)
        {
            // What counts as acknowledged cannot be given back any more.
            if (!autoAck)
                _ = getting.ContinueWith(GiveBackAsync, TaskScheduler.Default).Unwrap();
            throw;
        }
        catch (MessagingException error)
        {
            _context.Types.NoteError(name, error);
            throw;
        }
    }

    public async ValueTask SetPrefetchAsync(ushort prefetch, CancellationToken cancellationToken = default)
    {
        if (prefetch == 0 && !_context.Capabilities.Supports(ExchangeFeature.ChannelPrefetch))
            return;
        _context.Capabilities.Demand(ExchangeFeature.ChannelPrefetch);
        await CallAsync(channel => ShareAsync(channel, prefetch), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>RabbitMQ cancelled a consumer: as a rule its queue is gone, and the name may stand for another one next.</summary>
    public void NoteCancelled(RabbitMqQueueConsumer consumer)
    {
        Forget(consumer);
        _context.Types.Forget(_context.CurrentName(consumer.Queue));
    }

    /// <summary>A consumer is not to be started again.</summary>
    public void Forget(RabbitMqQueueConsumer consumer)
    {
        lock (_lock)
            _consumers.Remove(consumer);
    }

    private async Task<Delivery?> GetAsync(IChannel channel, string queue, bool autoAck)
    {
        if (await channel.BasicGetAsync(queue, autoAck).ConfigureAwait(false) is not { } got)
            return null;
        if (autoAck)
            _unsettled.AddSettled(got.DeliveryTag);
        else
            _unsettled.AddHandedOut(got.DeliveryTag);
        ReceivedProperties received = PropertyMapping.FromClient(got.BasicProperties);
        return ToDelivery(got.DeliveryTag, got.Exchange, got.RoutingKey, received, got.Body.ToArray(), got.Redelivered);
    }

    /// <summary>The delivery as the API shows it. Queues that do not count say only whether it was delivered before.</summary>
    public Delivery ToDelivery(
        ulong tag, string exchange, string routingKey, in ReceivedProperties received, ReadOnlyMemory<byte> body, bool redelivered)
        => new(
            this, tag, exchange, routingKey, received.Properties, body,
            (int)Math.Min(received.DeliveryCount ?? (redelivered ? 1 : 0), int.MaxValue), redelivered,
            received.StreamOffset is { } offset ? new Offset(offset) : null);

    private async Task GiveBackAsync(Task<Delivery?> getting)
    {
        if (getting is { IsCompletedSuccessfully: true, Result: { } delivery } && IsOpen)
            await delivery.NackAsync().ConfigureAwait(false);
    }

    private async Task StartAsync(RabbitMqQueueConsumer consumer, IChannel channel)
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (consumer.OwnPrefetch is { } prefetch && prefetch != _ownPrefetch)
                await PrepareAsync(channel, prefetch).ConfigureAwait(false);
            await consumer.StartAsync(channel, _context.CurrentName(consumer.Queue)).ConfigureAwait(false);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Sets the prefetch of consumers to come, which lifts the limit that all of the channel share: it has to be set again.</summary>
    private async Task PrepareAsync(IChannel channel, ushort prefetch)
    {
        _ownPrefetch = null;
        await channel.BasicQosAsync(0, prefetch, global: false).ConfigureAwait(false);
        if (_sharedPrefetch > 0)
            await channel.BasicQosAsync(0, _sharedPrefetch, global: true).ConfigureAwait(false);
        _ownPrefetch = prefetch;
    }

    private async Task<bool> ShareAsync(IChannel channel, ushort prefetch)
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            await channel.BasicQosAsync(0, prefetch, global: true).ConfigureAwait(false);
            _sharedPrefetch = prefetch;
            return true;
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task ResumeConsumersAsync()
    {
        RabbitMqQueueConsumer[] consumers;
        lock (_lock)
            consumers = [.. _consumers];
        foreach (RabbitMqQueueConsumer consumer in consumers)
        {
            if (!consumer.IsStarted || consumer.HasEnded)
                continue;
            try
            {
                await StartAsync(consumer, _channel).ConfigureAwait(false);
            }
            catch (Exception error) when (ClientErrors.Map(error) is MessagingException mapped)
            {
                RabbitMqLog.ConsumerNotRecovered(_context.Logger, consumer.ConsumerTag, consumer.Queue, mapped.Message);
                // Lost once more: the next recovery tries again. Else the readers must hear of it.
                if (_channel.IsOpen)
                    Close(mapped);
                return;
            }
        }
    }

    private void CheckTag(QueueConsumerOptions options)
    {
        lock (_lock)
        {
            if (options.ConsumerTag.Length == 0 || _consumers.TrueForAll(other => other.ConsumerTag != options.ConsumerTag))
                return;
        }

        // RabbitMQ would close the connection with all its channels.
        throw Refuse(new ChannelException(
            ReplyCode.NotAllowed, $"NOT_ALLOWED - attempt to reuse consumer tag '{options.ConsumerTag}'"));
    }

    private ValueTask RefuseStreamAsync(string queue, string refusal, CancellationToken cancellationToken)
        => CloseIfRefusedAsync(_context.Types.RefuseStreamAsync(queue, refusal, cancellationToken));

    private async ValueTask CloseIfRefusedAsync(ValueTask check)
    {
        try
        {
            await check.ConfigureAwait(false);
        }
        catch (ChannelException error)
        {
            throw Refuse(error);
        }
    }

    private void EndConsumers(Exception reason)
    {
        RabbitMqQueueConsumer[] consumers;
        lock (_lock)
        {
            consumers = [.. _consumers];
            _consumers.Clear();
        }

        foreach (RabbitMqQueueConsumer consumer in consumers)
            consumer.End(reason);
    }

    private void ReleaseConsumers()
    {
        lock (_lock)
            _consumers.ForEach(static consumer => consumer.Release(staysOpen: true));
    }
}
