using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Publisher and consumer of a durable queue with persistent messages.</summary>
internal sealed class ExchangeFaultClient : IFaultClient
{
    private const ushort Prefetch = 50;

    private readonly string _queue;
    private readonly TargetSession _session;
    private readonly FaultSetting _setting;
    private IExchangeChannel _publisher;

    private ExchangeFaultClient(string queue, TargetSession session, FaultSetting setting, IExchangeChannel publisher)
    {
        _queue = queue;
        _session = session;
        _setting = setting;
        _publisher = publisher;
    }

    public static async Task<ExchangeFaultClient> ConnectAsync(TargetSession session, FaultSetting setting, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync(FaultDestination.Name, cancellationToken).ConfigureAwait(false);
        return new ExchangeFaultClient(queue, session, setting, await OpenPublisherAsync(session.Exchanges, setting, cancellationToken).ConfigureAwait(false));
    }

    public async Task SendAsync(int id, CancellationToken cancellationToken)
    {
        await _publisher.PublishAsync("", _queue, TaggedBody.Create(id), MessageProperties.PersistentOnly, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (_setting.Publish == PublishGuarantee.Transaction)
            await _publisher.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken)
    {
        if (_setting.Publish == PublishGuarantee.None)
        {
            await SendAsync(id, cancellationToken).ConfigureAwait(false);
            return FaultNotes.AwaitsNone;
        }

        if (!_session.LosesResponses)
            await SendAsync(id, cancellationToken).ConfigureAwait(false);
        else if (!await _session.LoseResponseAsync(() => SendAsync(id, cancellationToken), untilGivenUp: false, cancellationToken).ConfigureAwait(false))
            await ReopenAsync(cancellationToken).ConfigureAwait(false);

        // AMQP has no number by which the broker could recognise the second: whoever sends it again, it is another message.
        await SendAsync(id, cancellationToken).ConfigureAwait(false);
        return _session.LosesResponses ? "" : FaultNotes.PublishedTwice;
    }

    /// <summary>Opens the publisher's channel again, for as long as it takes the connection to recover.</summary>
    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                IExchangeChannel opened = await OpenPublisherAsync(_session.Exchanges, _setting, cancellationToken).ConfigureAwait(false);
                await _publisher.DisposeAsync().ConfigureAwait(false);
                _publisher = opened;
                return;
            }
            catch (MessagingException)
            {
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<IExchangeChannel> OpenPublisherAsync(IExchangeBroker exchanges, FaultSetting setting, CancellationToken cancellationToken)
    {
        IExchangeChannel publisher = await exchanges
            .OpenChannelAsync(new ChannelOptions { PublisherConfirms = setting.Publish == PublishGuarantee.Confirmed }, cancellationToken).ConfigureAwait(false);
        if (setting.Publish == PublishGuarantee.Transaction)
            await publisher.SelectTransactionAsync(cancellationToken).ConfigureAwait(false);
        return publisher;
    }

    public async Task ConsumeAsync(CrashPoint crash, int crashAt, Effects effects, CancellationToken cancellationToken)
    {
        bool isAutomatic = _setting.Settlement == Settlement.Automatic;
        bool isTransaction = _setting.Settlement == Settlement.InTransaction;

        // A channel that closes is what a broker sees of a consumer that died.
        await using IExchangeChannel channel = await _session.Exchanges
            .OpenChannelAsync(new ChannelOptions { PublisherConfirms = false }, cancellationToken).ConfigureAwait(false);
        if (isTransaction)
            await channel.SelectTransactionAsync(cancellationToken).ConfigureAwait(false);
        IQueueConsumer consumer = await channel
            .ConsumeAsync(_queue, new QueueConsumerOptions { AutoAck = isAutomatic, Prefetch = Prefetch }, cancellationToken).ConfigureAwait(false);
        int count = 0;
        await foreach (Delivery delivery in consumer.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int id = TaggedBody.ReadId(delivery.Body);
            CrashPoint crashNow = ++count == crashAt ? crash : CrashPoint.None;
            if (id != Effects.EndOfMessages && _setting.Settlement is (Settlement.AfterProcessing or Settlement.InTransaction))
                effects.Apply(id);
            if (crashNow == CrashPoint.BeforeSettling)
                return;
            if (!isAutomatic)
                await delivery.AckAsync(multiple: false, cancellationToken).ConfigureAwait(false);
            if (isTransaction)
                await channel.CommitAsync(cancellationToken).ConfigureAwait(false);
            if (crashNow == CrashPoint.AfterSettling && !isAutomatic)
                return;
            if (id != Effects.EndOfMessages && _setting.Settlement is (Settlement.Automatic or Settlement.BeforeProcessing))
                effects.Apply(id);
            if (crashNow == CrashPoint.AfterSettling || id == Effects.EndOfMessages)
                return;
        }
    }

    public Task CollectAsync(Effects effects, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();
}
