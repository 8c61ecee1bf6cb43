using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MessagingModels.RabbitMq.Connections;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>
/// A consumer: a buffer between the client's dispatcher, which writes, and one reader. With manual acknowledgement the prefetch bounds the
/// buffer; without one the dispatcher is made to wait, and with it the other consumers of the channel, so that what the buffer does not take
/// stays in the client's own queue, which knows no bound.
/// </summary>
internal sealed class RabbitMqQueueConsumer : IQueueConsumer, IAsyncBasicConsumer
{
    private const int BufferedWithoutPrefetch = 1024;

    private readonly RabbitMqChannel _owner;
    private readonly UnsettledDeliveries _unsettled;
    private readonly QueueConsumerOptions _options;
    private readonly Channel<Arrived> _buffer = System.Threading.Channels.Channel.CreateUnbounded<Arrived>();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private TaskCompletionSource? _room;
    private Exception? _ended;
    private Offset? _lastOffset;
    private bool _isHeldOpen;
    private int _buffered;
    private int _isReading;

    public RabbitMqQueueConsumer(
        RabbitMqChannel owner, IChannel channel, UnsettledDeliveries unsettled, string queue, QueueConsumerOptions options)
    {
        _owner = owner;
        _unsettled = unsettled;
        _options = options;
        Channel = channel;
        Queue = queue;
        ConsumerTag = options.ConsumerTag;
    }

    public string Queue { get; }

    public string ConsumerTag { get; private set; }

    public IChannel Channel { get; }

    /// <summary>True once RabbitMQ has accepted the consumer.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>True once it gets no more: it must not be started again.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) is not null;

    /// <summary>How many of its deliveries may be unacknowledged, to be set ahead of its start; null where that has no meaning.</summary>
    public ushort? OwnPrefetch => _options.AutoAck ? null : _options.Prefetch;

    private bool IsUnbounded => _options.AutoAck || _options.Prefetch == 0;

    /// <summary>Starts the consumer, or starts it again under its name after the connection was lost: a stream's goes on behind what was read.</summary>
    public async Task StartAsync(IChannel channel, string queue)
    {
        lock (_lock)
            _isHeldOpen = false;
        Dictionary<string, object?> arguments = FieldTableMapping.ToClient(_options.Arguments);
        if (_options.Priority != 0)
            arguments["x-priority"] = _options.Priority;
        if (_options.StreamOffset is { } start)
            arguments["x-stream-offset"] = start.Argument is DateTimeOffset time ? new AmqpTimestamp(time.ToUnixTimeSeconds()) : start.Argument;
        if (_lastOffset is { } last)
            arguments["x-stream-offset"] = last.Value + 1;
        ConsumerTag = await channel.BasicConsumeAsync(
            queue, _options.AutoAck, ConsumerTag, noLocal: false, _options.Exclusive, arguments, this).ConfigureAwait(false);
        IsStarted = true;
    }

    public async IAsyncEnumerable<Delivery> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
            throw new InvalidOperationException($"The consumer '{ConsumerTag}' is being read already; it has one reader at a time.");
        try
        {
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (_buffer.Reader.TryRead(out Arrived arrived))
                {
                    NoteRead();
                    if (!_options.AutoAck && !_unsettled.TryHandOut(arrived.Tag))
                        continue;
                    Delivery delivery = _owner.ToDelivery(
                        arrived.Tag, arrived.Exchange, arrived.RoutingKey, arrived.Properties, arrived.Body, arrived.Redelivered);
                    _lastOffset = delivery.StreamOffset ?? _lastOffset;
                    yield return delivery;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
            while (await _buffer.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
            throw ClientErrors.Copy(_ended!);
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        bool isRunning = !HasEnded && IsStarted;
        _owner.Forget(this);
        End(new ConsumerCancelledException($"The consumer '{ConsumerTag}' of queue '{Queue}' was disposed."), keepsArriving: true);
        await _owner.Context.WaitForCloseAsync(CloseAsync(isRunning), "consumer", begin).ConfigureAwait(false);
    }

    /// <summary>The consumer gets no more; the reader is told why once it has read what is buffered. The first reason stays.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="keepsArriving">True where deliveries that are under way are still to be noted.</param>
    public void End(Exception reason, bool keepsArriving = false)
    {
        Interlocked.CompareExchange(ref _ended, reason, null);
        if (!keepsArriving)
            _buffer.Writer.TryComplete();
        Release();
    }

    /// <summary>Lets the client's dispatcher go on although the buffer is full.</summary>
    /// <param name="staysOpen">True to let it go on until the consumer starts again: a lost connection's dispatcher has to come to its end.</param>
    public void Release(bool staysOpen = false)
    {
        lock (_lock)
        {
            _isHeldOpen |= staysOpen;
            _room?.TrySetResult();
            _room = null;
        }
    }

    /// <inheritdoc />
    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (_options.AutoAck)
            _unsettled.AddSettled(deliveryTag);
        else
            _unsettled.AddBuffered(deliveryTag);
        // The client takes its memory back when this returns.
        Arrived arrived = new(deliveryTag, exchange, routingKey, PropertyMapping.FromClient(properties), body.ToArray(), redelivered);
        int buffered = Interlocked.Increment(ref _buffered);
        _buffer.Writer.TryWrite(arrived);
        return IsUnbounded && buffered >= BufferedWithoutPrefetch ? WaitForRoom() : Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _owner.NoteCancelled(this);
        End(new ConsumerCancelledException(
            $"The consumer '{ConsumerTag}' of queue '{Queue}' was cancelled: the queue was deleted or became unavailable."));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _cancelled.TrySetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc />
    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => Task.CompletedTask;

    private void NoteRead()
    {
        if (Interlocked.Decrement(ref _buffered) <= BufferedWithoutPrefetch / 2 && Volatile.Read(ref _room) is not null)
            Release();
    }

    private Task WaitForRoom()
    {
        lock (_lock)
        {
            if (_isHeldOpen || HasEnded)
                return Task.CompletedTask;
            TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            // The reader may have emptied the buffer before it could see that somebody waits.
            if (Volatile.Read(ref _buffered) > BufferedWithoutPrefetch / 2)
                return room.Task;
            _room = null;
            return Task.CompletedTask;
        }
    }

    /// <summary>Cancels the consumer where it runs, and gives back what was not read.</summary>
    private async Task CloseAsync(bool isRunning)
    {
        if (isRunning && _owner.IsOpen)
            await CancelAsync().ConfigureAwait(false);
        _buffer.Writer.TryComplete();
        List<ulong> unread = [];
        while (_buffer.Reader.TryRead(out Arrived arrived))
            unread.Add(arrived.Tag);
        if (!_options.AutoAck && unread.Count > 0 && _owner.IsOpen)
            await _owner.GiveBackAsync(unread).ConfigureAwait(false);
    }

    /// <summary>Cancels the consumer and waits until the deliveries that were under way have arrived.</summary>
    private async Task CancelAsync()
    {
        try
        {
            await Channel.BasicCancelAsync(ConsumerTag).ConfigureAwait(false);
            await Task.WhenAny(_cancelled.Task, _owner.Closed).WaitAsync(_owner.OperationTimeout).ConfigureAwait(false);
        }
        catch (Exception error) when (ClientErrors.Map(error) is MessagingException or ObjectDisposedException)
        {
            // The channel or the connection went first, and the consumer with it.
        }
    }

    private readonly record struct Arrived(
        ulong Tag, string Exchange, string RoutingKey, ReceivedProperties Properties, ReadOnlyMemory<byte> Body, bool Redelivered);
}
