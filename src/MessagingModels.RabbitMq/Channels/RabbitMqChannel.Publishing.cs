using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

internal sealed partial class RabbitMqChannel
{
    private static readonly BasicProperties NoProperties = new();

    private readonly ConfirmWindow? _confirms;
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private EncodedProperties? _lastProperties;

    public async ValueTask<PublishOutcome> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null, bool mandatory = false,
        CancellationToken cancellationToken = default)
    {
        TaskCompletionSource<PublishOutcome>? completion = _confirms is null
            ? null
            : new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await SendAsync(new Publish(exchange, routingKey, body, properties, mandatory), completion, cancellationToken).ConfigureAwait(false);
        }
        catch when (completion is not null)
        {
            // The loss that failed the sending may fail this too.
            TaskWaits.Leave(completion.Task);
            throw;
        }

        return completion is null ? PublishOutcome.Sent : await completion.Task.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask EnqueueAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null, bool mandatory = false,
        CancellationToken cancellationToken = default)
        => SendAsync(new Publish(exchange, routingKey, body, properties, mandatory), null, cancellationToken);

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_confirms is not null)
        {
            await _confirms.WaitForAllAsync(cancellationToken).ConfigureAwait(false);
            if (_confirms.TakeUnreported() is { } unreported)
                throw ClientErrors.Copy(unreported);
        }

        ThrowIfClosed();
    }

    /// <summary>One publish at a time, in the order of the calls: the client's sequence numbers follow it.</summary>
    private async ValueTask SendAsync(Publish publish, TaskCompletionSource<PublishOutcome>? completion, CancellationToken cancellationToken)
    {
        ShortText.Check(publish.Exchange, "exchange name");
        ShortText.Check(publish.RoutingKey, "routing key");
        await _publishing.WaitAsync(cancellationToken).ConfigureAwait(false);
        bool isHandedOver = false;
        try
        {
            ThrowIfUnusable();
            BasicProperties properties = Encode(publish.Properties);
            await BeginAsync(publish, completion, cancellationToken).ConfigureAwait(false);
            NoteCollected();
            // Not the caller's token: a message that the client gave up in the middle would make its count and this one differ.
            ValueTask sending = _channel.BasicPublishAsync(
                publish.Exchange, publish.RoutingKey, publish.Mandatory, properties, publish.Body, CancellationToken.None);
            if (sending.IsCompletedSuccessfully)
                return;
            isHandedOver = true;
            Task finished = FinishAsync(sending.AsTask());
            await finished.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isHandedOver)
                _publishing.Release();
        }
    }

    private async ValueTask BeginAsync(Publish publish, TaskCompletionSource<PublishOutcome>? completion, CancellationToken cancellationToken)
    {
        if (_confirms is null)
            return;
        MandatoryPublish? mandatory = publish.Mandatory
            ? new MandatoryPublish(publish.Exchange, publish.RoutingKey, publish.Body, publish.Properties)
            : null;
        while (!_confirms.TryBegin(completion, mandatory))
            await _confirms.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the client has taken the message; RabbitMQ makes it wait while it is short of memory or disk space.</summary>
    private async Task FinishAsync(Task sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _confirms?.Withdraw();
            throw Volatile.Read(ref _closed) is { } reason ? ClientErrors.Copy(reason) : ClientErrors.Map(error);
        }
        finally
        {
            _publishing.Release();
        }
    }

    /// <summary>Properties come in the same instance again and again, so the last one is kept mapped. The client may have added to its headers.</summary>
    private BasicProperties Encode(MessageProperties? properties)
    {
        if (properties is null)
            return NoProperties;
        if (_lastProperties is { } last && ReferenceEquals(last.Source, properties)
            && (last.Mapped.Headers?.Count ?? 0) == properties.Headers.Count)
            return last.Mapped;
        BasicProperties mapped = PropertyMapping.ToClient(properties);
        _lastProperties = new EncodedProperties(properties, mapped);
        return mapped;
    }

    private Task OnAckAsync(object sender, BasicAckEventArgs ack)
    {
        _confirms?.Settle(ack.DeliveryTag, ack.Multiple, isRefused: false);
        return Task.CompletedTask;
    }

    private Task OnNackAsync(object sender, BasicNackEventArgs nack)
    {
        _confirms?.Settle(nack.DeliveryTag, nack.Multiple, isRefused: true);
        return Task.CompletedTask;
    }

    private Task OnReturnAsync(object sender, BasicReturnEventArgs returned)
    {
        _confirms?.MarkReturned(returned);
        Options.OnReturned?.Invoke(new ReturnedMessage(
            (ReplyCode)returned.ReplyCode, returned.Exchange, returned.RoutingKey, PropertyMapping.FromClient(returned.BasicProperties).Properties,
            returned.Body.ToArray()));
        return Task.CompletedTask;
    }

    private readonly record struct Publish(
        string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, MessageProperties? Properties, bool Mandatory);

    private sealed record EncodedProperties(MessageProperties Source, BasicProperties Mapped);
}
