using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// Consume, process, produce: each input record's output and the consumer's offset are committed in one transaction (KIP-98, KIP-447).
/// The effect is the output record, as read-committed consumers see it.
/// </summary>
internal sealed class TransactionFaultClient : IFaultClient
{
    private const string Input = "faults-input";
    private const string Output = "faults-output";
    private const string Group = "faults";
    private const int MaxPollRecords = 10;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly TargetSession _session;
    private readonly FaultProducer _producer;
    private readonly List<ILogProducer> _dead = [];

    private TransactionFaultClient(TargetSession session)
    {
        _session = session;
        _producer = new FaultProducer(session, Input, PublishGuarantee.Idempotent);
    }

    public static async Task<TransactionFaultClient> ConnectAsync(TargetSession session, CancellationToken cancellationToken)
    {
        await LogFaultClient.CreateTopicAsync(session, Input, cancellationToken).ConfigureAwait(false);
        await LogFaultClient.CreateTopicAsync(session, Output, cancellationToken).ConfigureAwait(false);
        return new TransactionFaultClient(session);
    }

    public Task SendAsync(int id, CancellationToken cancellationToken) => _producer.SendAsync(id, cancellationToken);

    public Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken)
        => _producer.SendWithLostResponseAsync(id, byApplication, cancellationToken);

    public async Task ConsumeAsync(CrashPoint crash, int crashAt, Effects effects, CancellationToken cancellationToken)
    {
        ILogProducer output = _session.Log.CreateProducer(new ProducerOptions { TransactionalId = _session.Name(Group) });
        ILogConsumer consumer = _session.Log.CreateConsumer(new ConsumerOptions
        {
            GroupId = _session.Name(Group),
            OffsetReset = OffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            SessionTimeout = 3 * _session.SessionTimeout,
            HeartbeatInterval = _session.SessionTimeout / 4,
        });
        try
        {
            await output.InitializeTransactionsAsync(cancellationToken).ConfigureAwait(false);
            await consumer.SubscribeAsync([_session.Name(Input)], null, cancellationToken).ConfigureAwait(false);
            int count = 0;
            while (true)
            {
                foreach (LogRecord record in await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false))
                {
                    if (TaggedBody.ReadId(record.Value) == Effects.EndOfMessages)
                        return;
                    CrashPoint crashNow = ++count == crashAt ? crash : CrashPoint.None;
                    bool diesInTransaction = crashNow == CrashPoint.BeforeSettling;
                    await ProcessAsync(output, consumer, record, commits: !diesInTransaction, cancellationToken).ConfigureAwait(false);
                    if (diesInTransaction)
                    {
                        // Closing it would abort the transaction. The dead leave theirs open, and the next producer of the same transactional id aborts it.
                        _dead.Add(output);
                        return;
                    }

                    if (crashNow != CrashPoint.None)
                        return;
                }
            }
        }
        finally
        {
            // The consumer leaves as it would have been removed: it commits nothing by itself.
            await Closing.WithinLimitAsync(_dead.Contains(output) ? [consumer] : [consumer, output]).ConfigureAwait(false);
        }
    }

    /// <summary>One transaction; left open where it is not to be committed.</summary>
    private async Task ProcessAsync(ILogProducer output, ILogConsumer consumer, LogRecord record, bool commits, CancellationToken cancellationToken)
    {
        int id = TaggedBody.ReadId(record.Value);
        ILogTransaction transaction = await output.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await output.ProduceAsync(FaultProducer.Record(_session.Name(Output), id), cancellationToken).ConfigureAwait(false);
        await transaction.SendOffsetsAsync(
            [new TopicPartitionOffset(record.Topic, record.Partition, record.Offset.Next)], consumer.Membership, cancellationToken).ConfigureAwait(false);
        if (!commits)
            return;
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        OnCommitted?.Invoke(id);
    }

    /// <summary>Told of every transaction that was committed.</summary>
    public Action<int>? OnCommitted { get; set; }

    public async Task CollectAsync(Effects effects, CancellationToken cancellationToken)
    {
        foreach (LogRecord record in await Consume.ReadTopicAsync(_session.Log, _session.Name(Output), IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false))
            effects.Apply(TaggedBody.ReadId(record.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await Closing.WithinLimitAsync([.. _dead]).ConfigureAwait(false);
        await _producer.DisposeAsync().ConfigureAwait(false);
    }
}
