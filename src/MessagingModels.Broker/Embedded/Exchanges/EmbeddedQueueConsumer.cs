using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing;
using MessagingModels.Broker.Routing.Channels;

namespace MessagingModels.Broker.Embedded.Exchanges;

/// <summary>A consumer of the embedded API: reads what its channel buffers.</summary>
internal sealed class EmbeddedQueueConsumer(EmbeddedChannel channel, ChannelCore core, ChannelConsumer consumer) : IQueueConsumer
{
    private ReadOnlyMemory<byte> _lastBytes;
    private MessageProperties _lastProperties = MessageProperties.Empty;
    private int _isReading;

    public string Queue => consumer.QueueName;

    public string ConsumerTag => consumer.Tag;

    public IAsyncEnumerable<Delivery> ReadAsync(CancellationToken cancellationToken = default) => new Reading(this, cancellationToken);

    public ValueTask DisposeAsync() => core.IsOpen ? core.CancelAsync(consumer) : ValueTask.CompletedTask;

    private bool TryRead(out Delivery delivery)
    {
        if (!consumer.TryRead(out QueueDelivery read, out ulong tag))
        {
            delivery = default;
            return false;
        }

        delivery = channel.ToDelivery(read, tag, Decode(read.Message.Properties));
        return true;
    }

    /// <summary>Messages in a row often have the same properties, so the last ones are kept decoded.</summary>
    private MessageProperties Decode(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.SequenceEqual(_lastBytes.Span))
        {
            _lastProperties = PropertiesCodec.Decode(bytes.Span);
            _lastBytes = bytes.ToArray();
        }

        return _lastProperties;
    }

    private sealed class Reading(EmbeddedQueueConsumer owner, CancellationToken ownToken) : IAsyncEnumerable<Delivery>
    {
        public IAsyncEnumerator<Delivery> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref owner._isReading, 1) != 0)
                throw new InvalidOperationException($"The consumer '{owner.ConsumerTag}' is being read already; it has one reader at a time.");
            return new Enumerator(owner, ownToken, cancellationToken);
        }
    }

    private sealed class Enumerator : IAsyncEnumerator<Delivery>
    {
        private readonly EmbeddedQueueConsumer _owner;
        private readonly CancellationToken _first;
        private readonly CancellationToken _second;
        private readonly CancellationTokenRegistration _firstRegistration;
        private readonly CancellationTokenRegistration _secondRegistration;
        private Delivery _current;

        public Enumerator(EmbeddedQueueConsumer owner, CancellationToken first, CancellationToken second)
        {
            _owner = owner;
            _first = first;
            _second = second;
            _firstRegistration = first.UnsafeRegister(static reader => ((Enumerator)reader!).Wake(), this);
            _secondRegistration = second == first ? default : second.UnsafeRegister(static reader => ((Enumerator)reader!).Wake(), this);
        }

        public Delivery Current => _current;

        public ValueTask<bool> MoveNextAsync()
        {
            _first.ThrowIfCancellationRequested();
            _second.ThrowIfCancellationRequested();
            return _owner.TryRead(out _current) ? new ValueTask<bool>(true) : WaitAndReadAsync();
        }

        public ValueTask DisposeAsync()
        {
            _firstRegistration.Dispose();
            _secondRegistration.Dispose();
            Volatile.Write(ref _owner._isReading, 0);
            return ValueTask.CompletedTask;
        }

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<bool> WaitAndReadAsync()
        {
            do
            {
                // What wakes the reader, cancellation included, may have come before it waits.
                await _owner.WaitAsync(_first, _second);
                _first.ThrowIfCancellationRequested();
                _second.ThrowIfCancellationRequested();
            }
            while (!_owner.TryRead(out _current));
            return true;
        }

        private void Wake() => _owner.Wake();
    }

    private void Wake() => consumer.Signal();

    private ValueTask WaitAsync(CancellationToken first, CancellationToken second)
    {
        ValueTask arrived = consumer.WaitAsync();
        if (first.IsCancellationRequested || second.IsCancellationRequested)
            consumer.Signal();
        return arrived;
    }
}
