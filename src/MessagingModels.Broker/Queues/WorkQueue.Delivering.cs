namespace MessagingModels.Broker.Queues;

internal sealed partial class WorkQueue
{
    // True where there is more to do than one turn should.
    private bool Serve(long nowMs)
    {
        for (int served = 0; served < DeliveriesPerTurn; served++)
        {
            if (!_state.TryGetHead(nowMs, out QueueHead head))
                return false;
            StoredMessage stored = _store.Read(head);
            HeadFacts facts = stored.Facts;
            switch (_state.TakeHead(head, facts, nowMs, out QueueConsumer? consumer))
            {
                case HeadAction.Deliver:
                    if (consumer!.Sink.TryReserve(consumer))
                        Deliver(head, facts, stored, consumer, nowMs);
                    else
                        _state.DenyCredit(consumer);
                    break;
                case HeadAction.Expire:
                    Discard(stored, DeadLetterReason.Expired, head.DeliveryCount);
                    break;
                case HeadAction.Drop:
                    Discard(stored, DeadLetterReason.MaxLength, head.DeliveryCount);
                    break;
            }
        }

        return true;
    }

    private void Deliver(in QueueHead head, in HeadFacts facts, in StoredMessage stored, QueueConsumer consumer, long nowMs)
    {
        // Read before anything is changed: a shared body that cannot be read stops the queue with the message still in it.
        Message message = _store.ToMessage(stored);
        long id = Hand(head, facts, stored, consumer, consumer.AutoAck, nowMs);
        consumer.Sink.Deliver(consumer, new QueueDelivery(message, id, head.DeliveryCount, head.Redelivered, Failures: FailuresOf(head)));
    }

    // Classic queues do not count.
    private int FailuresOf(in QueueHead head) => _settings.Kind == QueueKind.Quorum ? head.Failures : 0;

    private long Hand(in QueueHead head, in HeadFacts facts, in StoredMessage stored, QueueConsumer? consumer, bool autoAck, long nowMs)
    {
        _store.NoteDelivery(head.Offset);
        Counters.DeliveredTotal++;
        if (autoAck)
        {
            _state.DeliverAcked(head, facts, consumer);
            Counters.SettledTotal++;
            Forget(stored.Payload);
            _store.Remove(head.Offset, facts.BodyBytes);
            return -1;
        }

        if (_sharedPayloads > 0 && stored.Payload is { IsNone: false } payload)
            _unackedPayloads[head.Offset] = payload;
        return _state.Deliver(head, facts, consumer, nowMs);
    }

    private void Settle(in QueueSettlement settlement, long nowMs)
    {
        SettleAction action = _state.Settle(settlement.DeliveryId, settlement.Settlement, nowMs, out UnackedMessage message);
        if (action == SettleAction.Unknown)
            return;
        Counters.SettledTotal++;
        PayloadReference payload = default;
        if (_unackedPayloads.Count > 0)
            _unackedPayloads.Remove(message.Offset, out payload);
        switch (action)
        {
            case SettleAction.Remove:
                Forget(payload);
                _store.Remove(message.Offset, message.BodyBytes);
                break;
            case SettleAction.Return:
                if (_settings.Kind == QueueKind.Quorum)
                    _store.NoteReturn(message.Offset, new ReturnCounts(message.DeliveryCount, message.Failures));
                break;
            case SettleAction.Reject:
                DiscardSettled(message, payload, DeadLetterReason.Rejected);
                break;
            case SettleAction.ExceedLimit:
                DiscardSettled(message, payload, DeadLetterReason.DeliveryLimit);
                break;
        }
    }

    private void DiscardSettled(in UnackedMessage message, PayloadReference payload, string reason)
    {
        if (_settings.DeadLetterExchange is not null)
        {
            Discard(_store.Read(message.Offset), reason, message.DeliveryCount);
            return;
        }

        Forget(payload);
        _store.Remove(message.Offset, message.BodyBytes);
    }

    /// <summary>A message left the state: it becomes a dead letter where there is a place for it.</summary>
    private void Discard(in StoredMessage stored, string reason, int deliveryCount)
    {
        if (_settings.DeadLetterExchange is not null)
        {
            if (_settings.DeadLetterAtLeastOnce)
            {
                _outbox.Add(new DeadLetter(stored.Offset, stored.BodyBytes, reason, deliveryCount, stored.Payload));
                return;
            }

            _host.DeadLetters.DeadLetter(_store.ToMessage(stored), reason, _queue, deliveryCount, null, 0);
        }

        Forget(stored.Payload);
        _store.Remove(stored.Offset, stored.BodyBytes);
    }

    /// <summary>An at-least-once dead letter has arrived.</summary>
    internal void OnDeadLettered(in DeadLetter letter)
    {
        Forget(letter.Payload);
        _store.Remove(letter.Offset, letter.BodyBytes);
    }

    // What a transaction's settlements take out of the queue at once. Dead letters that must arrive stay until they have.
    private List<OffsetRange> RemovedBy(ReadOnlySpan<QueueSettlement> settlements)
    {
        List<OffsetRange> removed = [];
        foreach (QueueSettlement settlement in settlements)
        {
            bool isRemoval = settlement.Settlement == Settlement.Ack
                || (settlement.Settlement == Settlement.Reject && !(_settings.DeadLetterAtLeastOnce && _settings.DeadLetterExchange is not null));
            if (isRemoval && _state.TryGetUnacked(settlement.DeliveryId, out UnackedMessage message))
                removed.Add(new OffsetRange(message.Offset, message.Offset + 1));
        }

        return removed;
    }

    private void Forget(PayloadReference payload)
    {
        if (payload.IsNone)
            return;
        _sharedPayloads--;
        _host.Payloads.Release(payload);
    }

    private void ReleasePayloads(OffsetRange range)
    {
        if (_sharedPayloads == 0)
            return;
        for (long offset = range.Start; offset < range.End; offset++)
            Forget(_store.Read(offset).Payload);
    }
}
