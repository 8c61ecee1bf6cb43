using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing;
using MessagingModels.Broker.Routing.Channels;

namespace MessagingModels.Broker.Embedded.Exchanges;

/// <summary>A channel of the embedded API: <see cref="ChannelCore"/> with awaitable publishes and the API's own types.</summary>
internal sealed class EmbeddedChannel : IExchangeChannel, IConfirmListener
{
    private readonly ChannelCore _core;
    private readonly VirtualHost _host;
    private readonly EmbeddedExchangeBroker _broker;
    private readonly PublishCompletionPool _completions = new();
    private readonly SemaphoreSlim _waitingForRoom = new(1, 1);
    private EncodedProperties? _lastProperties;
    private PublishNackedException? _refusal;
    private int _waiting;

    public EmbeddedChannel(VirtualHost host, BrokerConnection connection, ChannelOptions options, EmbeddedExchangeBroker broker)
    {
        _host = host;
        _broker = broker;
        Options = options;
        _core = new ChannelCore(host, connection, this, options.MaxUnconfirmed, options.Prefetch);
    }

    public ChannelOptions Options { get; }

    public bool IsOpen => _core.IsOpen;

    public ValueTask<PublishOutcome> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null, bool mandatory = false,
        CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<PublishOutcome>(cancellationToken);
        Publish publish = new(exchange, routingKey, body, properties, mandatory, !Options.PublisherConfirms);
        PublishCompletion? completion = Options.PublisherConfirms ? _completions.Rent() : null;
        try
        {
            PublishResult result = Volatile.Read(ref _waiting) > 0 ? PublishResult.NoRoom : TryPublish(publish, completion);
            if (result == PublishResult.NoRoom)
                return PublishLaterAsync(publish, completion, cancellationToken);
            if (result == PublishResult.Pending && completion is not null)
                return completion.WaitAsync(cancellationToken);
            completion?.Abandon();
            return ValueTask.FromResult(Conclude(result, publish));
        }
        catch (Exception error)
        {
            completion?.Abandon();
            return FailAsync<PublishOutcome>(error);
        }
    }

    public ValueTask EnqueueAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null, bool mandatory = false,
        CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        Publish publish = new(exchange, routingKey, body, properties, mandatory, false);
        try
        {
            PublishResult result = Volatile.Read(ref _waiting) > 0 ? PublishResult.NoRoom : TryPublish(publish, null);
            if (result == PublishResult.NoRoom)
                return EnqueueLaterAsync(publish, cancellationToken);
            Conclude(result, publish);
            return ValueTask.CompletedTask;
        }
        catch (Exception error)
        {
            return new ValueTask(FailAsync<bool>(error).AsTask());
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await _core.Confirms.FlushAsync(cancellationToken);
        if (Interlocked.Exchange(ref _refusal, null) is { } refusal)
            throw new PublishNackedException(refusal.Message, refusal);
        if (!_core.IsOpen)
            _core.ThrowIfClosed();
    }

    public async ValueTask<IQueueConsumer> ConsumeAsync(
        string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new QueueConsumerOptions();
        ShortText.Check(queue, options);
        return await Guard(async () => new EmbeddedQueueConsumer(this, _core, await _core.ConsumeAsync(queue, WithArguments(queue, options))));
    }

    public async ValueTask<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ShortText.Check(queue, "queue name");
        (QueueDelivery Delivery, ulong Tag)? got = await Guard(async () => await _core.GetAsync(queue, autoAck));
        return got is { } found ? ToDelivery(found.Delivery, found.Tag, PropertiesCodec.Decode(found.Delivery.Message.Properties.Span)) : null;
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple = false, CancellationToken cancellationToken = default)
        => Settle(deliveryTag, multiple, Settlement.Ack);

    public ValueTask NackAsync(ulong deliveryTag, bool multiple = false, bool requeue = true, CancellationToken cancellationToken = default)
        => Settle(deliveryTag, multiple, requeue ? Settlement.Requeue : Settlement.Reject);

    public ValueTask RejectAsync(ulong deliveryTag, bool requeue = false, CancellationToken cancellationToken = default)
        => Settle(deliveryTag, false, requeue ? Settlement.Fail : Settlement.Reject);

    public ValueTask RecoverAsync(CancellationToken cancellationToken = default) => Guard(core => core.Recover());

    public ValueTask SetPrefetchAsync(ushort prefetch, CancellationToken cancellationToken = default)
        => Guard(core => core.SetPrefetch(prefetch));

    public ValueTask SelectTransactionAsync(CancellationToken cancellationToken = default) => Guard(core =>
    {
        if (Options.PublisherConfirms)
            throw ChannelErrors.Failed("cannot switch from confirm to tx mode");
        core.SelectTransaction();
    });

    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Message> returned = await Guard(async () => await _core.CommitAsync()).WaitAsync(cancellationToken);
        foreach (Message message in returned)
            Return(message.Exchange, message.RoutingKey, PropertiesCodec.Decode(message.Properties.Span), message.Body);
    }

    public ValueTask RollbackAsync(CancellationToken cancellationToken = default) => Guard(core => core.Rollback());

    public async ValueTask DisposeAsync()
    {
        _broker.Forget(this);
        await _core.CloseAsync(new ObjectDisposedException(nameof(IExchangeChannel)));
    }

    /// <summary>The delivery as the API shows it.</summary>
    public Delivery ToDelivery(in QueueDelivery delivery, ulong tag, MessageProperties properties) => new(
        this, tag, delivery.Message.Exchange, delivery.Message.RoutingKey,
        delivery.Failures == 0 ? properties : WithFailures(properties, delivery.Failures), delivery.Message.Body, delivery.DeliveryCount,
        delivery.Redelivered, delivery.StreamOffset >= 0 ? new Offset(delivery.StreamOffset) : null);

    /// <inheritdoc />
    void IConfirmListener.OnSettled(ulong sequence, object? state, bool isRefused, Exception? error)
    {
        if (state is PublishCompletion completion)
            completion.Settle(PublishOutcome.Confirmed, isRefused ? Refusal(error) : null);
        else if (isRefused && Options.PublisherConfirms)
            Interlocked.CompareExchange(ref _refusal, Refusal(error), null);
    }

    private static MessageProperties WithFailures(MessageProperties properties, int failures) => properties with
    {
        Headers = new Dictionary<string, object?>(properties.Headers, StringComparer.Ordinal) { ["x-delivery-count"] = (long)failures },
    };

    private static PublishNackedException Refusal(Exception? error) => new(
        error?.Message ?? "A queue refused the message: it is full and rejects what comes beyond its limit.", error);

    private QueueConsumerOptions WithArguments(string queue, QueueConsumerOptions options)
    {
        if (options.Arguments.Count == 0)
            return options;
        if (options.Arguments.TryGetValue("x-priority", out object? priority))
        {
            if (!Routing.ExchangeTypes.HeaderValue.TryGetInteger(priority, out long value))
            {
                throw ChannelErrors.InvalidArgument(
                    "x-priority", "queue", queue, _host.Name, $"\"expected integer, got {ArgumentEquivalence.NameOfType(priority)}\"");
            }

            options = options with { Priority = (int)Math.Clamp(value, int.MinValue, int.MaxValue) };
        }

        return options.Arguments.TryGetValue("x-stream-offset", out object? offset)
            ? options with { StreamOffset = StreamOffsetOf(queue, offset) }
            : options;
    }

    private StreamOffset StreamOffsetOf(string queue, object? argument) => argument switch
    {
        "first" => StreamOffset.First,
        "last" => StreamOffset.Last,
        "next" => StreamOffset.Next,
        string text when QueueArgumentReader.TryAge(text, out TimeSpan age) => StreamOffset.From(Before(age)),
        DateTimeOffset moment => StreamOffset.From(moment),
        _ when Routing.ExchangeTypes.HeaderValue.TryGetInteger(argument, out long offset) => StreamOffset.At(new Offset(offset)),
        _ => throw ChannelErrors.InvalidArgument(
            "x-stream-offset", "queue", queue, _host.Name,
            $"{{invalid_stream_offset_arg,{{{ArgumentEquivalence.NameOfType(argument)},<<\"{Routing.ExchangeTypes.HeaderValue.ToText(argument)}\">>}}}}"),
    };

    private DateTimeOffset Before(TimeSpan age)
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        return age > now - DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : now - age;
    }

    private PublishResult TryPublish(in Publish publish, PublishCompletion? completion) => _core.TryPublish(
        new PublishAddress(publish.Exchange, publish.RoutingKey, publish.Mandatory, publish.CopyBody), publish.Body,
        Encode(publish.Properties), completion);

    private PublishOutcome Conclude(PublishResult result, in Publish publish)
    {
        if (result == PublishResult.Returned)
        {
            Return(publish.Exchange, publish.RoutingKey, publish.Properties ?? MessageProperties.Empty, publish.Body);
            return PublishOutcome.Returned;
        }

        return Options.PublisherConfirms ? PublishOutcome.Confirmed : PublishOutcome.Sent;
    }

    private void Return(string exchange, string routingKey, MessageProperties properties, ReadOnlyMemory<byte> body)
        => Options.OnReturned?.Invoke(new ReturnedMessage(ReplyCode.NoRoute, exchange, routingKey, properties, body));

    private async ValueTask<PublishOutcome> PublishLaterAsync(Publish publish, PublishCompletion? completion, CancellationToken cancellationToken)
    {
        PublishResult result;
        try
        {
            result = await WaitAndPublishAsync(publish, completion, cancellationToken);
        }
        catch
        {
            completion?.Abandon();
            throw;
        }

        if (result == PublishResult.Pending && completion is not null)
            return await completion.WaitAsync(cancellationToken);
        completion?.Abandon();
        return Conclude(result, publish);
    }

    private async ValueTask EnqueueLaterAsync(Publish publish, CancellationToken cancellationToken)
        => Conclude(await WaitAndPublishAsync(publish, null, cancellationToken), publish);

    /// <summary>Those who wait for room go one after the other, and nobody passes them.</summary>
    private async Task<PublishResult> WaitAndPublishAsync(Publish publish, PublishCompletion? completion, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _waitingForRoom.WaitAsync(cancellationToken);
            try
            {
                PublishResult result;
                while ((result = TryPublish(publish, completion)) == PublishResult.NoRoom)
                    await _core.WaitForRoomAsync(cancellationToken);
                return result;
            }
            finally
            {
                _waitingForRoom.Release();
            }
        }
        catch (ChannelException error)
        {
            await CloseAsync(error);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Properties come in the same instance again and again, so the last one is kept encoded.</summary>
    private PublishedProperties Encode(MessageProperties? properties)
    {
        if (properties is null || ReferenceEquals(properties, MessageProperties.Empty))
            return PublishedProperties.None;
        if (Volatile.Read(ref _lastProperties) is { } last && ReferenceEquals(last.Source, properties))
            return last.Published;
        EncodedProperties encoded = new(properties, PublishedProperties.Read(PropertiesCodec.Encode(properties), properties, EmbeddedExchangeBroker.User));
        Volatile.Write(ref _lastProperties, encoded);
        return encoded.Published;
    }

    private ValueTask Settle(ulong deliveryTag, bool multiple, Settlement settlement)
    {
        try
        {
            _core.Settle(deliveryTag, multiple, settlement);
            return ValueTask.CompletedTask;
        }
        catch (ChannelException error)
        {
            return new ValueTask(FailAsync<bool>(error).AsTask());
        }
    }

    private ValueTask Guard(Action<ChannelCore> action)
    {
        try
        {
            action(_core);
            return ValueTask.CompletedTask;
        }
        catch (ChannelException error)
        {
            return new ValueTask(FailAsync<bool>(error).AsTask());
        }
    }

    private async Task<T> Guard<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (ChannelException error)
        {
            await CloseAsync(error);
            throw;
        }
    }

    /// <summary>A channel error closes the channel before the caller hears of it.</summary>
    private async ValueTask<T> FailAsync<T>(Exception error)
    {
        if (error is ChannelException)
            await CloseAsync(error);
        throw error;
    }

    private async Task CloseAsync(Exception error)
    {
        _broker.Forget(this);
        await _core.CloseAsync(error);
    }

    private sealed record EncodedProperties(MessageProperties Source, PublishedProperties Published);

    private readonly record struct Publish(
        string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, MessageProperties? Properties, bool Mandatory, bool CopyBody);
}
