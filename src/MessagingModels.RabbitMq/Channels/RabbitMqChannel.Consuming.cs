using Microsoft.Extensions.Logging;
using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Channels;

internal sealed partial class RabbitMqChannel
{
    private readonly UnsettledDeliveries _unsettled = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly SemaphoreSlim _settling = new(1, 1);
    private readonly List<RabbitMqQueueConsumer> _consumers = [];
    private readonly List<ulong> _settled = [];
    private readonly List<ulong> _settledInTransaction = [];

    public async ValueTask<IQueueConsumer> ConsumeAsync(
        string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new QueueConsumerOptions();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfUnusable();
        RabbitMqQueueConsumer consumer = new(this, _channel, _unsettled, queue, options);
        CheckConsumer(queue, options);
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
            await started.WaitAsync(cancellationToken).ConfigureAwait(false);
            return consumer;
        }
        catch
        {
            Forget(consumer);
            // Where only the wait was cancelled the consumer may start all the same, and would take messages that nobody reads.
            if (!started.IsCompleted)
                _ = started.ContinueWith(_ => consumer.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();
            throw;
        }
    }

    public async ValueTask<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellationToken = default)
    {
        CheckNotStream(queue, "basic.get");
        Task<Delivery?> getting = CallAsync(channel => GetAsync(channel, queue, autoAck), CancellationToken.None);
        try
        {
            return await getting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!getting.IsCompleted)
        {
            _ = getting.ContinueWith(GiveBackAsync, TaskScheduler.Default).Unwrap();
            throw;
        }
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple = false, CancellationToken cancellationToken = default)
        => SettleAsync(deliveryTag, multiple, static (channel, tag, upTo) => channel.BasicAckAsync(tag, upTo), cancellationToken);

    public ValueTask NackAsync(ulong deliveryTag, bool multiple = false, bool requeue = true, CancellationToken cancellationToken = default)
        => SettleAsync(
            deliveryTag, multiple,
            requeue
                ? static (channel, tag, upTo) => channel.BasicNackAsync(tag, upTo, true)
                : static (channel, tag, upTo) => channel.BasicNackAsync(tag, upTo, false),
            cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, bool requeue = false, CancellationToken cancellationToken = default)
        => SettleAsync(
            deliveryTag, false,
            requeue
                ? static (channel, tag, _) => channel.BasicRejectAsync(tag, true)
                : static (channel, tag, _) => channel.BasicRejectAsync(tag, false),
            cancellationToken);

    /// <summary>RabbitMQ.Client has no <c>basic.recover</c>; a nack of everything that has arrived is the same.</summary>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken = default)
    {
        await _settling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfUnusable();
            _settled.Clear();
            SettlementKind kind = _unsettled.SettleAll(out ulong tag, _settled);
            await SendAsync(kind, tag, static (channel, each, upTo) => channel.BasicNackAsync(each, upTo, true)).ConfigureAwait(false);
        }
        finally
        {
            _settling.Release();
        }
    }

    public async ValueTask SetPrefetchAsync(ushort prefetch, CancellationToken cancellationToken = default)
    {
        if (prefetch == 0 && !_context.Capabilities.Supports(ExchangeFeature.ChannelPrefetch))
            return;
        _context.Capabilities.Demand(ExchangeFeature.ChannelPrefetch);
        await CallAsync(
            async channel =>
            {
                await channel.BasicQosAsync(0, prefetch, global: true).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives unread deliveries of a consumer that has ended back to its queue, in their order.</summary>
    public async Task GiveBackAsync(IEnumerable<ulong> tags)
    {
        await _settling.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (ulong tag in tags)
            {
                if (_unsettled.TryTakeUnread(tag))
                    await _channel.BasicNackAsync(tag, false, true).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (ClientErrors.Map(error) is MessagingException)
        {
            // The channel has gone, and everything unsettled went back with it.
            RabbitMqLog.ChannelClosed(_context.Logger, error.Message);
        }
        finally
        {
            _settling.Release();
        }
    }

    /// <summary>A consumer is not to be started again.</summary>
    public void Forget(RabbitMqQueueConsumer consumer)
    {
        lock (_lock)
            _consumers.Remove(consumer);
    }

    private async ValueTask SettleAsync(
        ulong tag, bool multiple, Func<IChannel, ulong, bool, ValueTask> send, CancellationToken cancellationToken)
    {
        await _settling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            _settled.Clear();
            SettlementKind kind = _unsettled.Settle(ref tag, multiple, _settled);
            if (_isTransactional)
                _settledInTransaction.AddRange(_settled);
            if (kind == SettlementKind.Unknown)
                await RefuseTagAsync(tag, multiple, send).ConfigureAwait(false);
            await SendAsync(kind, tag, send).ConfigureAwait(false);
        }
        finally
        {
            _settling.Release();
        }
    }

    private async ValueTask SendAsync(SettlementKind kind, ulong tag, Func<IChannel, ulong, bool, ValueTask> send)
    {
        try
        {
            if (kind is SettlementKind.Single or SettlementKind.UpTo)
            {
                await send(_channel, tag, kind is SettlementKind.UpTo).ConfigureAwait(false);
                return;
            }

            if (kind is SettlementKind.Several)
            {
                foreach (ulong each in _settled)
                    await send(_channel, each, false).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (ClientErrors.Map(error) is MessagingException)
        {
            // A lost connection gave the deliveries back already: they come again, as any that was not acknowledged in time.
            ThrowIfClosed();
            RabbitMqLog.ChannelClosed(_context.Logger, error.Message);
        }
    }

    /// <summary>RabbitMQ is to say what is wrong with the tag: it closes the channel.</summary>
    private async ValueTask RefuseTagAsync(ulong tag, bool multiple, Func<IChannel, ulong, bool, ValueTask> send)
    {
        // The client keeps a tag of 0 to itself.
        if (tag != 0 && Volatile.Read(ref _lost) is null)
        {
            await SendAsync(multiple ? SettlementKind.UpTo : SettlementKind.Single, tag, send).ConfigureAwait(false);
            if (await WaitForCloseAsync().ConfigureAwait(false))
                ThrowIfClosed();
        }

        throw Refuse(new ChannelException(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - unknown delivery tag {tag}"));
    }

    private void EndTransaction(bool isCommitted)
    {
        if (!isCommitted)
            _unsettled.Restore(_settledInTransaction);
        _settledInTransaction.Clear();
    }

    private async Task<Delivery?> GetAsync(IChannel channel, string queue, bool autoAck)
    {
        if (await channel.BasicGetAsync(_context.CurrentName(queue), autoAck).ConfigureAwait(false) is not { } got)
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
        // The client sends the consumer's prefetch ahead of it, in a command of its own.
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            await consumer.StartAsync(channel, _context.CurrentName(consumer.Queue)).ConfigureAwait(false);
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
            if (!consumer.IsStarted)
                continue;
            try
            {
                await StartAsync(consumer, _channel).ConfigureAwait(false);
            }
            catch (Exception error) when (ClientErrors.Map(error) is MessagingException mapped)
            {
                RabbitMqLog.ConsumerNotRecovered(_context.Logger, consumer.ConsumerTag, consumer.Queue, mapped.Message);
                return;
            }
        }
    }

    private void CheckConsumer(string queue, QueueConsumerOptions options)
    {
        if (options.AutoAck)
            CheckNotStream(queue, "automatic acknowledgement");
        lock (_lock)
        {
            if (options.ConsumerTag.Length == 0 || _consumers.TrueForAll(other => other.ConsumerTag != options.ConsumerTag))
                return;
        }

        // RabbitMQ would close the connection with all its channels.
        throw Refuse(new ChannelException(
            ReplyCode.NotAllowed, $"NOT_ALLOWED - attempt to reuse consumer tag '{options.ConsumerTag}'"));
    }

    private void CheckNotStream(string queue, string operation)
    {
        try
        {
            _context.CheckNotStream(queue, _virtualHost, operation);
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
            _consumers.ForEach(static consumer => consumer.Release());
    }
}
