using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A message that an experiment publishes and later knows again.</summary>
/// <param name="Route">The routing key.</param>
/// <param name="Body">The body, with its id.</param>
/// <param name="Properties">Its properties; null for none.</param>
internal readonly record struct OutgoingMessage(string Route, ReadOnlyMemory<byte> Body, MessageProperties? Properties = null);

/// <summary>Publishes a known number of messages, for experiments that look at where they went and not at how fast.</summary>
internal static class Fill
{
    /// <summary>Publishes to an exchange; all of it is confirmed at the end.</summary>
    public static async Task ExchangeAsync(TargetSession session, string exchange, IEnumerable<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        foreach (OutgoingMessage message in messages)
            await channel.EnqueueAsync(exchange, message.Route, message.Body, message.Properties, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes messages with the ids from 0 on to a queue.</summary>
    public static Task QueueAsync(TargetSession session, string queue, int count, CancellationToken cancellationToken)
        => ExchangeAsync(session, "", Enumerable.Range(0, count).Select(id => new OutgoingMessage(queue, TaggedBody.Create(id), session.Properties)), cancellationToken);

    /// <summary>Writes records; all of it is acknowledged at the end.</summary>
    public static async Task LogAsync(TargetSession session, IEnumerable<ProducerRecord> records, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        foreach (ProducerRecord record in records)
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
