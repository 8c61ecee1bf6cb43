using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>When a consumer tells the broker that it is done with a message.</summary>
internal enum Settlement
{
    /// <summary>The broker or the client library does it.</summary>
    Automatic,
    /// <summary>The consumer does it, before it processes the message.</summary>
    BeforeProcessing,
    /// <summary>The consumer does it, after it has processed the message.</summary>
    AfterProcessing,
    /// <summary>Together with what the message gave rise to, in one transaction.</summary>
    InTransaction,
}

/// <summary>How a publisher is told that a message is stored.</summary>
internal enum PublishGuarantee
{
    /// <summary>Not at all: no confirms, acks 0.</summary>
    None,
    /// <summary>By the partition's leader: acks 1.</summary>
    Leader,
    /// <summary>By confirms; acks all.</summary>
    Confirmed,
    /// <summary>As confirmed, and the broker recognises a batch that is sent again.</summary>
    Idempotent,
    /// <summary>By the commit of a transaction (<c>tx.commit</c>).</summary>
    Transaction,
}

/// <summary>A row of the fault matrix: how publisher and consumer are set.</summary>
internal sealed record FaultSetting(
    ModelKind Model, string Name, PublishGuarantee Publish, Settlement Settlement, bool RemembersIds = false)
{
    public static IReadOnlyList<FaultSetting> All { get; } =
    [
        new(ModelKind.Exchange, "no confirms, automatic acknowledgement", PublishGuarantee.None, Settlement.Automatic),
        new(ModelKind.Exchange, "no confirms, acknowledgement after processing", PublishGuarantee.None, Settlement.AfterProcessing),
        new(ModelKind.Exchange, "confirms, automatic acknowledgement", PublishGuarantee.Confirmed, Settlement.Automatic),
        new(ModelKind.Exchange, "confirms, acknowledgement before processing", PublishGuarantee.Confirmed, Settlement.BeforeProcessing),
        new(ModelKind.Exchange, "confirms, acknowledgement after processing", PublishGuarantee.Confirmed, Settlement.AfterProcessing),
        new(ModelKind.Exchange, "tx.commit for publish and for acknowledgement after processing", PublishGuarantee.Transaction, Settlement.InTransaction),
        new(ModelKind.Exchange, "confirms, acknowledgement after processing, consumer remembers ids", PublishGuarantee.Confirmed, Settlement.AfterProcessing, RemembersIds: true),
        new(ModelKind.Log, "acks 0, automatic commit every 5 s", PublishGuarantee.None, Settlement.Automatic),
        new(ModelKind.Log, "acks 1, automatic commit every 5 s", PublishGuarantee.Leader, Settlement.Automatic),
        new(ModelKind.Log, "acks all, commit after processing", PublishGuarantee.Confirmed, Settlement.AfterProcessing),
        new(ModelKind.Log, "acks all, idempotent, commit before processing", PublishGuarantee.Idempotent, Settlement.BeforeProcessing),
        new(ModelKind.Log, "acks all, idempotent, commit after processing", PublishGuarantee.Idempotent, Settlement.AfterProcessing),
        new(ModelKind.Log, "idempotent; output and offsets in one transaction, read committed", PublishGuarantee.Idempotent, Settlement.InTransaction),
        new(ModelKind.Log, "acks all, idempotent, commit after processing, consumer remembers ids", PublishGuarantee.Idempotent, Settlement.AfterProcessing, RemembersIds: true),
    ];

    /// <summary>Declares what the setting needs and connects publisher and consumer to it.</summary>
    public async Task<IFaultClient> ConnectAsync(TargetSession session, CancellationToken cancellationToken) => Model switch
    {
        ModelKind.Exchange => await ExchangeFaultClient.ConnectAsync(session, this, cancellationToken).ConfigureAwait(false),
        _ when Settlement == Settlement.InTransaction => await TransactionFaultClient.ConnectAsync(session, cancellationToken).ConfigureAwait(false),
        _ => await LogFaultClient.ConnectAsync(session, this, cancellationToken).ConfigureAwait(false),
    };
}

/// <summary>Where the messages of a setting go.</summary>
internal static class FaultDestination
{
    /// <summary>The name of the queue or topic, and of the group.</summary>
    public const string Name = "faults";
}

/// <summary>Where a consumer dies.</summary>
internal enum CrashPoint
{
    /// <summary>Nowhere.</summary>
    None,
    /// <summary>Right before it acknowledges or commits; with automatic acknowledgement, right after it got the message.</summary>
    BeforeSettling,
    /// <summary>Right after it acknowledged or committed; with automatic acknowledgement, right after it processed the message.</summary>
    AfterSettling,
}

/// <summary>Publisher and consumer of one row of the matrix.</summary>
internal interface IFaultClient : IAsyncDisposable
{
    /// <summary>Sends a message; completes when the publisher counts it as sent.</summary>
    Task SendAsync(int id, CancellationToken cancellationToken);

    /// <summary>Sends a message whose response gets lost, so that it is sent again: by the client library, or by the application.</summary>
    /// <returns>What is to be said of it; empty where a response got lost.</returns>
    Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken);

    /// <summary>Consumes from where the consumers before it left off.</summary>
    /// <param name="crash">Where the consumer dies.</param>
    /// <param name="crashAt">At how many messages it dies.</param>
    /// <param name="effects">What processing has brought about.</param>
    /// <param name="cancellationToken">Ends the consuming.</param>
    /// <returns>A task that completes when it died, or got to <see cref="Effects.EndOfMessages"/>.</returns>
    Task ConsumeAsync(CrashPoint crash, int crashAt, Effects effects, CancellationToken cancellationToken);

    /// <summary>Adds the effects that are kept in the broker itself.</summary>
    Task CollectAsync(Effects effects, CancellationToken cancellationToken);
}

/// <summary>What processing has brought about, by message id. It outlives consumers and brokers, as a database would.</summary>
internal sealed class Effects(bool remembersIds, Action<int>? onApplied = null)
{
    /// <summary>The id of the message that says that no more come.</summary>
    public const int EndOfMessages = -1;

    /// <summary>The id of a message by which a publisher gets to know the broker; nobody counts it.</summary>
    public const int Introduction = -2;

    private readonly Dictionary<int, int> _counts = [];
    private volatile int _distinct;

    /// <summary>How many different messages had an effect; may be asked by any thread.</summary>
    public int DistinctCount => _distinct;

    /// <summary>Processes a message: its effect and, where ids are remembered, its id are stored in one step.</summary>
    public void Apply(int id)
    {
        if (remembersIds && _counts.ContainsKey(id))
            return;
        _counts[id] = _counts.GetValueOrDefault(id) + 1;
        _distinct = _counts.Count;
        onApplied?.Invoke(id);
    }

    /// <summary>How many of the messages sent had no effect, and how many had it more than once.</summary>
    public FaultCount Count(IEnumerable<int> sent)
    {
        int lost = 0;
        int duplicated = 0;
        foreach (int id in sent)
        {
            int count = _counts.GetValueOrDefault(id);
            lost += count == 0 ? 1 : 0;
            duplicated += count > 1 ? 1 : 0;
        }

        return new FaultCount(lost, duplicated);
    }
}
