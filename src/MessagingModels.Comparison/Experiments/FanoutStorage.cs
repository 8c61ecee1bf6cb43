using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a message to many readers takes on disk: needs a data directory of this run, so the native target alone.</summary>
internal static class FanoutStorage
{
    public const string Name = "fanout";

    private const int BodyBytes = 16 * 1024;
    private const int Messages = 64;

    /// <summary>The name of a reader's queue or group.</summary>
    public static string NameOf(int reader) => string.Create(CultureInfo.InvariantCulture, $"reader-{reader}");

    /// <summary>Declares the exchange and a queue for each reader.</summary>
    /// <returns>The exchange's name on the broker.</returns>
    public static async Task<string> BindAsync(TargetSession session, int readers, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(Name, ExchangeType.Fanout, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < readers; i++)
        {
            string queue = await session.DeclareQueueAsync(NameOf(i), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return exchange;
    }

    /// <returns>The figure, as the end of a sentence.</returns>
    public static async Task<string> MeasureAsync(
        ExperimentContext context, NativeTarget target, ModelKind model, int readers, CancellationToken cancellationToken)
    {
        await using NativeSession session = await target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        string exchange = await BindAsync(session, readers, cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync(Name, 1, cancellationToken).ConfigureAwait(false);
        await session.RestartAsync(cancellationToken).ConfigureAwait(false);
        await session.CloseAsync().ConfigureAwait(false);
        long before = session.ReadStoredBytes()!.Value;
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int i = 0; i < Messages; i++)
            {
                byte[] body = Load.CreateBody(BodyBytes, i);
                if (model == ModelKind.Exchange)
                    await channel.PublishAsync(exchange, "", body, MessageProperties.PersistentOnly, cancellationToken: cancellationToken).ConfigureAwait(false);
                else
                    await producer.ProduceAsync(new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)body), cancellationToken).ConfigureAwait(false);
            }
        }

        await session.CloseAsync().ConfigureAwait(false);
        double factor = (double)(session.ReadStoredBytes()!.Value - before) / (Messages * BodyBytes);
        context.Measured(model, "bytes stored for each byte published", $"{readers} readers, 16 KiB messages", "x", [factor], new Dictionary<string, string>(session.Settings)
        {
            ["body"] = Figures.Bytes(BodyBytes),
            ["messages"] = Messages.ToString(CultureInfo.InvariantCulture),
        });
        return $"; 16 KiB messages took {Figures.Format(factor, "x")} their size on disk";
    }
}
