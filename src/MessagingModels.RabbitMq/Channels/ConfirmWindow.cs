using System.Diagnostics;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>
/// The publishes of a channel that wait for their confirm, by AMQP's sequence numbers: 1, 2 and so on in the order of sending, starting again
/// when a lost connection was made anew. <see cref="TryBegin"/> and <see cref="Withdraw"/> are called under the channel's publishing lock, the rest from anywhere.
/// </summary>
/// <param name="capacity">How many may be outstanding, counted from the oldest.</param>
internal sealed class ConfirmWindow(int capacity)
{
    private const int SmallestRing = 64;
    private const string Refused = "RabbitMQ refused the message (basic.nack): a queue is full and rejects what comes beyond its limit, or it failed.";

    private readonly Lock _lock = new();
    private readonly List<(ulong Before, TaskCompletionSource Done)> _flushes = [];
    private Entry[] _ring = new Entry[SmallestRing];
    private ulong _first = 1;
    private ulong _next = 1;
    private Exception? _failure;
    private Exception? _unreported;
    private TaskCompletionSource? _room;

    /// <summary>How many are outstanding.</summary>
    public int Outstanding
    {
        get
        {
            lock (_lock)
                return (int)(_next - _first);
        }
    }

    /// <summary>Takes the next sequence number where there is room.</summary>
    /// <param name="completion">Completed with the outcome; null where the next flush reports a refusal.</param>
    /// <param name="mandatory">What a return is told from, where the message is mandatory.</param>
    /// <returns>False where the window is full.</returns>
    /// <exception cref="MessagingException">The channel or its connection is gone.</exception>
    public bool TryBegin(TaskCompletionSource<PublishOutcome>? completion, MandatoryPublish? mandatory)
    {
        lock (_lock)
        {
            if (_failure is not null)
                throw Connections.ClientErrors.Copy(_failure);
            int count = (int)(_next - _first);
            if (count == capacity)
                return false;
            if (count == _ring.Length)
                Grow();
            At(_next++) = new Entry { Completion = completion, Mandatory = mandatory };
            return true;
        }
    }

    /// <summary>Takes back the last number: its message was not sent.</summary>
    public void Withdraw()
    {
        lock (_lock)
        {
            if (_failure is not null || _next == _first)
                return;
            At(--_next) = default;
            Advance();
        }
    }

    /// <summary>Completes when there may be room. Awaited by one caller at a time.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_failure is not null || (int)(_next - _first) < capacity)
                return Task.CompletedTask;
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A confirm came (<c>basic.ack</c>, <c>basic.nack</c>).</summary>
    public void Settle(ulong sequence, bool multiple, bool isRefused)
    {
        lock (_lock)
        {
            ulong last = multiple && sequence == 0 ? _next - 1 : sequence;
            for (ulong number = multiple ? _first : sequence; number <= last && number < _next; number++)
            {
                if (number >= _first)
                    SettleOne(ref At(number), isRefused);
            }

            Advance();
        }
    }

    /// <summary>
    /// A mandatory message came back; its confirm follows. Returns come in the order of publishing but do not carry the number: it is the first
    /// one outstanding that looks the same, and of several that are the same in every respect it does not matter which is told.
    /// </summary>
    public void MarkReturned(BasicReturnEventArgs returned)
    {
        lock (_lock)
        {
            for (ulong number = _first; number < _next; number++)
            {
                ref Entry entry = ref At(number);
                if (!entry.IsSettled && !entry.IsReturned && entry.Mandatory is { } mandatory && mandatory.IsSameAs(returned))
                {
                    entry.IsReturned = true;
                    return;
                }
            }
        }
    }

    /// <summary>Nothing outstanding will be confirmed any more: all of it fails, and so does every publish from now on.</summary>
    public void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure = failure;
            for (; _first < _next; _first++)
            {
                ref Entry entry = ref At(_first);
                if (!entry.IsSettled && entry.Completion is null)
                    _unreported ??= failure;
                else if (!entry.IsSettled)
                    entry.Completion!.TrySetException(Connections.ClientErrors.Copy(failure));
                entry = default;
            }

            WakeAll();
        }
    }

    /// <summary>The channel is open again on a new connection and counts from 1.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            Debug.Assert(_first == _next, "A lost connection's publishes have failed.");
            _first = _next = 1;
            _failure = null;
        }
    }

    /// <summary>Completes when everything begun before is settled, confirmed or not.</summary>
    public Task WaitForAllAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_first == _next)
                return Task.CompletedTask;
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_next, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The first refusal or loss that no completion told of; null for none. It is told once.</summary>
    public Exception? TakeUnreported()
    {
        lock (_lock)
        {
            Exception? unreported = _unreported;
            _unreported = null;
            return unreported;
        }
    }

    private ref Entry At(ulong number) => ref _ring[(int)(number & (ulong)(_ring.Length - 1))];

    private void SettleOne(ref Entry entry, bool isRefused)
    {
        if (entry.IsSettled)
            return;
        entry.IsSettled = true;
        if (!isRefused)
            entry.Completion?.TrySetResult(entry.IsReturned ? PublishOutcome.Returned : PublishOutcome.Confirmed);
        else if (entry.Completion is { } completion)
            completion.TrySetException(new PublishNackedException(Refused));
        else
            _unreported ??= new PublishNackedException(Refused);
    }

    private void Advance()
    {
        while (_first < _next && At(_first).IsSettled)
            At(_first++) = default;
        if (_first == _next)
            WakeAll();
        else
            WakeSome();
    }

    private void WakeSome()
    {
        if (_room is { } room && (int)(_next - _first) < capacity)
        {
            _room = null;
            room.TrySetResult();
        }

        if (_flushes.Count > 0)
        {
            foreach ((ulong before, TaskCompletionSource done) in _flushes)
            {
                if (before <= _first)
                    done.TrySetResult();
            }

            _flushes.RemoveAll(flush => flush.Before <= _first);
        }
    }

    private void WakeAll()
    {
        _room?.TrySetResult();
        _room = null;
        foreach ((_, TaskCompletionSource done) in _flushes)
            done.TrySetResult();
        _flushes.Clear();
    }

    private void Grow()
    {
        Entry[] larger = new Entry[_ring.Length * 2];
        for (ulong number = _first; number < _next; number++)
            larger[(int)(number & (ulong)(larger.Length - 1))] = At(number);
        _ring = larger;
    }

    private struct Entry
    {
        public TaskCompletionSource<PublishOutcome>? Completion;
        public MandatoryPublish? Mandatory;
        public bool IsSettled;
        public bool IsReturned;
    }
}

/// <summary>What tells a mandatory publish from others when it comes back.</summary>
internal sealed record MandatoryPublish(string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, MessageProperties? Properties)
{
    public bool IsSameAs(BasicReturnEventArgs returned)
        => Exchange == returned.Exchange && RoutingKey == returned.RoutingKey
            && Properties?.MessageId == (returned.BasicProperties.IsMessageIdPresent() ? returned.BasicProperties.MessageId : null)
            && Properties?.CorrelationId == (returned.BasicProperties.IsCorrelationIdPresent() ? returned.BasicProperties.CorrelationId : null)
            && Body.Span.SequenceEqual(returned.Body.Span);
}
