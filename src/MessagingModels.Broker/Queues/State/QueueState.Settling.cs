namespace MessagingModels.Broker.Queues;

internal sealed partial class QueueState
{
    /// <summary>When something is due by itself: an expiry at a front, a retry, a consumer's timeout.</summary>
    public long NextDeadlineMs
    {
        get
        {
            long due = _delayed.TryPeek(out _, out long retryAt) ? retryAt : long.MaxValue;
            if (MayExpire || _settings.MessageTtl is not null)
            {
                for (int level = _highest; level >= 0; level--)
                {
                    if (!_levels[level].IsEmpty)
                        due = Math.Min(due, _levels[level].HeadExpiresAtMs ?? long.MaxValue);
                }
            }

            return _settings.ConsumerTimeout is { } timeout ? Math.Min(due, NextTimeoutMs(timeout)) : due;
        }
    }

    /// <summary>A delivery that is not settled yet.</summary>
    public bool TryGetUnacked(long deliveryId, out UnackedMessage message) => _unacked.TryFind(deliveryId, out message);

    /// <summary>A delivery ends. What leaves the queue is the caller's from then on.</summary>
    public SettleAction Settle(long deliveryId, Settlement settlement, long nowMs, out UnackedMessage message)
    {
        if (!_unacked.TryRemove(deliveryId, out message))
            return SettleAction.Unknown;
        if (message.Consumer is { } consumer)
        {
            consumer.Unacked--;
            if (consumer.IsAttached)
                Consumers.OnSettled(consumer);
        }

        if (settlement == Settlement.Ack)
            return SettleAction.Remove;
        if (settlement == Settlement.Reject)
            return SettleAction.Reject;
        message.DeliveryCount++;
        message.Failures += settlement == Settlement.Fail ? 1 : 0;
        if (message.Failures > (_settings.DeliveryLimit ?? int.MaxValue))
            return SettleAction.ExceedLimit;
        Return(message, settlement, nowMs);
        return SettleAction.Return;
    }

    /// <summary>Takes everything that is unsettled; for a queue that ends.</summary>
    public void VisitUnacked(Action<UnackedMessage> visit) => _unacked.VisitOldest(message =>
    {
        visit(message);
        return true;
    });

    /// <summary>Puts retries whose time has come back to their places.</summary>
    public void ReleaseDelayed(long nowMs)
    {
        while (_delayed.TryPeek(out DelayedMessage delayed, out long due) && due <= nowMs)
        {
            _delayed.Dequeue();
            ReturnToLevel(delayed.Message, delayed.Priority);
        }
    }

    /// <summary>The next consumer that holds a delivery for too long and was not told so yet.</summary>
    public bool TryGetTimedOut(long nowMs, out QueueConsumer? consumer)
    {
        consumer = _settings.ConsumerTimeout is { } timeout ? FindTimedOut(nowMs - (long)timeout.TotalMilliseconds) : null;
        if (consumer is null)
            return false;
        return consumer.HasTimedOut = true;
    }

    private QueueConsumer? FindTimedOut(long deliveredUntilMs)
    {
        QueueConsumer? found = null;
        VisitTimedOut(deliveredUntilMs, message => found = message.Consumer);
        return found;
    }

    private long NextTimeoutMs(TimeSpan timeout)
    {
        long due = long.MaxValue;
        VisitTimedOut(long.MaxValue, message => due = message.DeliveredAtMs + (long)timeout.TotalMilliseconds);
        return due;
    }

    private void VisitTimedOut(long deliveredUntilMs, Action<UnackedMessage> visit) => _unacked.VisitOldest(message =>
    {
        if (message.DeliveredAtMs > deliveredUntilMs)
            return false;
        if (message.Consumer is null or { HasTimedOut: true })
            return true;
        visit(message);
        return false;
    });

    private void Return(in UnackedMessage message, Settlement settlement, long nowMs)
    {
        ReturnedToQueue returned = new(message.Offset, message.BodyBytes, message.DeliveryCount, message.Failures);
        ReadyCount++;
        ReadyBytes += message.BodyBytes;
        bool waits = _settings.DelayedRetry == DelayedRetry.All
            || _settings.DelayedRetry == (settlement == Settlement.Fail ? DelayedRetry.Failed : DelayedRetry.Returned);
        double delay = waits ? _settings.DelayedRetryMin.TotalMilliseconds * Math.Max(1, message.Failures) : 0;
        delay = Math.Min(delay, (_settings.DelayedRetryMax ?? _settings.DelayedRetryMin).TotalMilliseconds);
        if (delay > 0)
            _delayed.Enqueue(new DelayedMessage(returned, message.Priority), nowMs + (long)delay);
        else
            ReturnToLevel(returned, message.Priority);
    }

    private void ReturnToLevel(in ReturnedToQueue message, byte priority)
    {
        _levels[priority].Return(message);
        _highest = Math.Max(_highest, priority);
    }
}
