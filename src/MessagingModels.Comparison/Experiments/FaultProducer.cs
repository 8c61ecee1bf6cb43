using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>The producer of a row of the fault matrix, to partition 0 of one topic.</summary>
internal sealed class FaultProducer : IAsyncDisposable
{
    // Long enough that a batch is on its way and stored before its producer gives up, on a busy machine too.
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(3);

    private readonly TargetSession _session;
    private readonly string _topic;
    private readonly PublishGuarantee _guarantee;
    private ILogProducer _producer;

    public FaultProducer(TargetSession session, string topic, PublishGuarantee guarantee)
    {
        _session = session;
        _topic = session.Name(topic);
        _guarantee = guarantee;
        _producer = session.Log.CreateProducer(OptionsFor(guarantee));
    }

    public static ProducerOptions OptionsFor(PublishGuarantee guarantee) => new()
    {
        Acks = guarantee switch
        {
            PublishGuarantee.None => Acks.None,
            PublishGuarantee.Leader => Acks.Leader,
            _ => Acks.All,
        },
        Idempotence = guarantee == PublishGuarantee.Idempotent,
    };

    public static ProducerRecord Record(string topic, int id) => new(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Partition = 0 };

    public async Task SendAsync(int id, CancellationToken cancellationToken)
        => await _producer.ProduceAsync(Record(_topic, id), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="IFaultClient.SendWithLostResponseAsync"/>
    public async Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken)
    {
        if (_guarantee == PublishGuarantee.None)
        {
            await SendAsync(id, cancellationToken).ConfigureAwait(false);
            return FaultNotes.AwaitsNone;
        }

        if (!byApplication)
        {
            await _session.ResendAsync(_producer, Record(_topic, id), cancellationToken).ConfigureAwait(false);
            return _session.LosesResponses ? "" : FaultNotes.SameBatchTwice;
        }

        if (_session.LosesResponses)
            await SendUntilGivenUpAsync(id, cancellationToken).ConfigureAwait(false);
        else
            await SendAsync(id, cancellationToken).ConfigureAwait(false);
        await SendAsync(id, cancellationToken).ConfigureAwait(false);
        return _session.LosesResponses ? "" : FaultNotes.PublishedTwice;
    }

    /// <summary>Has a producer lose its answers until it gives up. The next send is by a new one, which knows nothing of the first.</summary>
    /// <exception cref="InvalidOperationException">The producer did not give up, or the broker had not stored the record by then: nothing was shown.</exception>
    private async Task SendUntilGivenUpAsync(int id, CancellationToken cancellationToken)
    {
        await _producer.DisposeAsync().ConfigureAwait(false);
        _producer = _session.Log.CreateProducer(OptionsFor(_guarantee) with { DeliveryTimeout = Impatience });

        // It must know the partition's leader and have its own id before answers get lost, or its record would not even be sent.
        await SendAsync(Effects.Introduction, cancellationToken).ConfigureAwait(false);
        long before = await ReadEndAsync(cancellationToken).ConfigureAwait(false);
        if (await _session.LoseResponseAsync(() => SendAsync(id, cancellationToken), untilGivenUp: true, cancellationToken).ConfigureAwait(false))
            throw new InvalidOperationException("The producer had its answer although every answer was to get lost.");
        if (await ReadEndAsync(cancellationToken).ConfigureAwait(false) == before)
            throw new InvalidOperationException("The producer gave up before the broker had stored the record.");
        await _producer.DisposeAsync().ConfigureAwait(false);
        _producer = _session.Log.CreateProducer(OptionsFor(_guarantee));
    }

    /// <summary>The end of the partition, as soon as the client for such questions has found its way back to the broker.</summary>
    private async Task<long> ReadEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return (await _session.Log.GetOffsetsAsync(new TopicPartition(_topic, 0), cancellationToken).ConfigureAwait(false)).HighWatermark;
            }
            catch (MessagingException)
            {
                await Task.Delay(100, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync() => _producer.DisposeAsync();
}

/// <summary>What cells of the fault matrix say beside their counts.</summary>
internal static class FaultNotes
{
    public const string AwaitsNone = "awaits no response";
    public const string SameBatchTwice = "same batch handed over twice on purpose";
    public const string PublishedTwice = "published twice on purpose";
}
