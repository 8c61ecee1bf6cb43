using System.Collections.Concurrent;
using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Transactions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>A producer in the broker's process: partitioner, batcher, partition, with no protocol in between.</summary>
internal sealed partial class EmbeddedProducer : ILogProducer, ITransactionSteps
{
    private readonly TopicRegistry _topics;
    private readonly GroupCoordinator _groups;
    private readonly TransactionCoordinator _transactions;
    private readonly IPartitioner _partitioner;
    private readonly BufferMemory _memory;
    private readonly ProduceCompletionPool _completions = new();
    private readonly ConcurrentDictionary<string, ProducerTopic> _known = new(StringComparer.Ordinal);
    private ProducerTopic? _last;
    private LogException? _silentFailure;
    private volatile bool _isDisposed;

    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    public EmbeddedProducer(
        ProducerOptions options, TopicRegistry topics, GroupCoordinator groups, TransactionCoordinator transactions, TimeProvider time)
    {
        ThrowIfContradictory(options);
        Options = options;
        Time = time;
        _topics = topics;
        _groups = groups;
        _transactions = transactions;
        _partitioner = options.Partitioner ?? Murmur2Partitioner.Instance;
        _memory = new BufferMemory(options.BufferMemoryBytes);
        Batches = new ProducerBatchPool(options);
    }

    public ProducerOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Batches that were sent, to be filled again by any partition.</summary>
    internal ProducerBatchPool Batches { get; }

    public ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default)
    {
        ProducerTopic topic = Prepare(record, out int bytes);
        ValueTask reserved = _memory.ReserveAsync(bytes, cancellationToken);
        if (!reserved.IsCompletedSuccessfully)
            return ProduceWhenReservedAsync(reserved, record, topic, bytes, cancellationToken);
        if (Options.Acks == Acks.None)
            return new ValueTask<RecordPosition>(AddUnwatched(topic, record, bytes));
        ValueTask<RecordPosition> answer = AddWatched(topic, record, bytes);
        return cancellationToken.CanBeCanceled && !answer.IsCompleted ? new(answer.AsTask().WaitAsync(cancellationToken)) : answer;
    }

    public ValueTask EnqueueAsync(ProducerRecord record, Action<DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default)
    {
        ProducerTopic topic = Prepare(record, out int bytes);
        ValueTask reserved = _memory.ReserveAsync(bytes, cancellationToken);
        if (!reserved.IsCompletedSuccessfully)
            return EnqueueWhenReservedAsync(reserved, record, onDelivered, topic, bytes);
        Add(topic, record, bytes, onDelivered);
        return ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await Task.WhenAll(_known.Values.SelectMany(t => t.Batchers).Select(b => b.FlushAsync())).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _silentFailure, null) is { } failure)
            throw failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_transaction is { IsOpen: true } open)
            await open.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_known.Values.SelectMany(t => t.Batchers).Select(b => b.FlushAsync())).ConfigureAwait(false);
        foreach (ProducerTopic topic in _known.Values)
            topic.Dispose();
        _identityGate.Dispose();
    }

    /// <summary>Called by a drain when a batch is acknowledged or has failed, before its waiters are told.</summary>
    internal void OnCompleted(ProducerBatch batch, bool hasSilentFailure)
    {
        _memory.Release(batch.ReservedBytes);
        if (batch.Error is not { } error)
            return;
        Interlocked.CompareExchange(ref _transactionFailure, error, null);
        if (error.IsFenced)
            _fenced ??= error;
        if (hasSilentFailure && Options.Acks != Acks.None)
            Interlocked.CompareExchange(ref _silentFailure, error, null);
    }

    private ProducerTopic Prepare(in ProducerRecord record, out int bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_fenced is { } fenced)
            throw new LogException(fenced.ErrorCode, fenced.Message, fenced);
        if (Options.TransactionalId is not null && _transaction is not { IsOpen: true })
            throw new InvalidOperationException("The producer has a transactional id, so it writes in transactions only; begin one first.");
        bytes = RecordBatchBuilder.MaxRecordSizeInBytes(record.Key?.Length ?? 0, record.Value?.Length ?? 0, HeaderBytes(record.Headers));
        if (bytes + RecordBatchLayout.HeaderSizeInBytes > Options.MaxRequestSizeBytes && Options.Compression == CompressionType.None)
        {
            throw new LogException(LogErrorCode.MessageTooLarge,
                $"A record of {bytes} bytes does not fit into MaxRequestSizeBytes ({Options.MaxRequestSizeBytes}).");
        }

        return TopicOf(record.Topic);
    }

    private ProducerTopic TopicOf(string name)
    {
        long version = _topics.Version;
        if (Volatile.Read(ref _last) is { } last && last.Version == version && last.Topic.Name == name)
            return last;
        return FindTopic(name, version);
    }

    // Apart from the look-up above: a method with lambdas allocates what they capture as it is entered.
    private ProducerTopic FindTopic(string name, long version)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, "record");
        if (!_known.TryGetValue(name, out ProducerTopic? known) || known.Version != version)
        {
            Topic topic = _topics.Get(name);
            known = _known.AddOrUpdate(
                name,
                _ => new ProducerTopic(this, topic, version, null),
                (_, before) => before.Version == version ? before : new ProducerTopic(this, topic, version, before));
        }

        Volatile.Write(ref _last, known);
        return known;
    }

    private void Add(ProducerTopic topic, in ProducerRecord record, int bytes, object? waiter)
    {
        try
        {
            PartitionBatcher batcher = topic.Select(record, _partitioner, out bool isSticky);
            long timestampMs = (record.Timestamp ?? Time.GetUtcNow()).ToUnixTimeMilliseconds();
            if (batcher.Add(record, timestampMs, bytes, waiter) && isSticky)
                topic.SwitchSticky();
        }
        catch
        {
            _memory.Release(bytes);
            throw;
        }
    }

    private ValueTask<RecordPosition> AddWatched(ProducerTopic topic, in ProducerRecord record, int bytes)
    {
        ProduceCompletion completion = _completions.Rent();
        ValueTask<RecordPosition> answer = completion.Task;
        Add(topic, record, bytes, completion);
        return answer;
    }

    private RecordPosition AddUnwatched(ProducerTopic topic, in ProducerRecord record, int bytes)
    {
        Add(topic, record, bytes, null);
        return new RecordPosition(record.Topic, record.Partition ?? -1, new Offset(-1), record.Timestamp ?? Time.GetUtcNow());
    }

    private async ValueTask<RecordPosition> ProduceWhenReservedAsync(
        ValueTask reserved, ProducerRecord record, ProducerTopic topic, int bytes, CancellationToken cancellationToken)
    {
        await reserved.ConfigureAwait(false);
        if (Options.Acks == Acks.None)
            return AddUnwatched(topic, record, bytes);
        return await AddWatched(topic, record, bytes).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask EnqueueWhenReservedAsync(
        ValueTask reserved, ProducerRecord record, Action<DeliveryReport>? onDelivered, ProducerTopic topic, int bytes)
    {
        await reserved.ConfigureAwait(false);
        Add(topic, record, bytes, onDelivered);
    }

    private static int HeaderBytes(RecordHeaders? headers)
    {
        const int MaxVarintBytes = 5;
        int bytes = MaxVarintBytes;
        if (headers is null)
            return 1;
        foreach (RecordHeader header in headers)
            bytes += (2 * MaxVarintBytes) + System.Text.Encoding.UTF8.GetByteCount(header.Key) + (header.Value?.Length ?? 0);
        return bytes;
    }

    private static void ThrowIfContradictory(ProducerOptions options)
    {
        if (options.TransactionalId is not null && (options.Acks != Acks.All || !options.Idempotence))
            throw new ArgumentException("A producer with a TransactionalId needs Acks.All and Idempotence.", nameof(options));
        if (options.TransactionalId is { Length: 0 })
            throw new ArgumentException("TransactionalId is empty; name it, or leave it null.", nameof(options));
        if (options.BatchSizeBytes < 0 || options.Linger < TimeSpan.Zero || options.BufferMemoryBytes <= 0 || options.MaxRequestSizeBytes <= 0)
            throw new ArgumentException("BatchSizeBytes and Linger must not be negative; BufferMemoryBytes and MaxRequestSizeBytes must be positive.", nameof(options));
    }
}
