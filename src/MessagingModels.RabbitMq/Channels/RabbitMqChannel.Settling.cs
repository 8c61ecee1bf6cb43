using MessagingModels.RabbitMq.Connections;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>Settlements are noted and sent one at a time, in the same order: one for several deliveries would else settle what another is about to.</summary>
internal sealed partial class RabbitMqChannel
{
    private readonly UnsettledDeliveries _unsettled = new();
    private readonly SemaphoreSlim _settling = new(1, 1);
    private readonly List<ulong> _settled = [];
    private readonly List<ulong> _settledInTransaction = [];

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
            NoteSettled();
            await SendAsync(kind, tag, static (channel, each, upTo) => channel.BasicNackAsync(each, upTo, true)).ConfigureAwait(false);
        }
        finally
        {
            _settling.Release();
        }
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

    private async ValueTask SettleAsync(
        ulong tag, bool multiple, Func<IChannel, ulong, bool, ValueTask> send, CancellationToken cancellationToken)
    {
        await _settling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            _settled.Clear();
            SettlementKind kind = _unsettled.Settle(ref tag, multiple, _settled);
            NoteSettled();
            if (kind == SettlementKind.Unknown)
                await RefuseTagAsync(tag, multiple, send).ConfigureAwait(false);
            await SendAsync(kind, tag, send).ConfigureAwait(false);
        }
        finally
        {
            _settling.Release();
        }
    }

    private void NoteSettled()
    {
        if (!_isTransactional)
            return;
        _settledInTransaction.AddRange(_settled);
        NoteCollected();
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
}
