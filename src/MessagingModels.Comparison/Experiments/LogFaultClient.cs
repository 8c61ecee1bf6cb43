using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Producer and consumer group of a topic with one partition.</summary>
internal sealed class LogFaultClient : IFaultClient
{
    private const string Name = FaultDestination.Name;
    private const int MaxPollRecords = 10;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly TargetSession _session;
    private readonly FaultSetting _setting;
    private readonly FaultProducer _producer;
    private readonly List<ILogConsumer> _dead = [];

    private LogFaultClient(TargetSession session, FaultSetting setting, FaultProducer producer)
    {
        _session = session;
        _setting = setting;
        _producer = producer;
    }

    public static async Task<LogFaultClient> ConnectAsync(TargetSession session, FaultSetting setting, CancellationToken cancellationToken)
    {
        await CreateTopicAsync(session, Name, cancellationToken).ConfigureAwait(false);
        return new LogFaultClient(session, setting, new FaultProducer(session, Name, setting.Publish));
    }

    /// <summary>Creates a topic with one partition where there is none.</summary>
    public static async Task CreateTopicAsync(TargetSession session, string name, CancellationToken cancellationToken)
    {
        if (!(await session.Log.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).Contains(session.Name(name)))
            await session.CreateTopicAsync(name, 1, cancellationToken).ConfigureAwait(false);
    }

    public Task SendAsync(int id, CancellationToken cancellationToken) => _producer.SendAsync(id, cancellationToken);

    public Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken)
        => _producer.SendWithLostResponseAsync(id, byApplication, cancellationToken);

    public async Task ConsumeAsync(CrashPoint crash, int crashAt, Effects effects, CancellationToken cancellationToken)
    {
        bool isAutomatic = _setting.Settlement == Settlement.Automatic;
        ILogConsumer consumer = await _session.Log.JoinGroupAsync(
            new ConsumerOptions
            {
                GroupId = _session.Name(Name),
                OffsetReset = OffsetReset.Earliest,
                AutoCommit = isAutomatic,
                // A member that died is found out soon; until then the next one waits.
                MaxPollInterval = isAutomatic ? 3 * _session.SessionTimeout : new ConsumerOptions().MaxPollInterval,
                SessionTimeout = _session.SessionTimeout,
                HeartbeatInterval = _session.SessionTimeout / 4,
            },
            [_session.Name(Name)], null, cancellationToken).ConfigureAwait(false);
        try
        {
            bool isDone = false;
            int count = 0;
            while (!isDone)
            {
                foreach (LogRecord record in await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false))
                {
                    CrashPoint crashNow = ++count == crashAt ? crash : CrashPoint.None;
                    isDone = await HandleAsync(consumer, record, crashNow, effects, cancellationToken).ConfigureAwait(false);
                    if (isDone)
                        break;
                }
            }
        }
        finally
        {
            // Closing commits where commits are automatic, which the dead do not do. The others may leave at once: it changes nothing but the wait.
            if (isAutomatic)
                _dead.Add(consumer);
            else
                await consumer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>True where the consumer ends with this record: dead, or at the last one.</returns>
    private async Task<bool> HandleAsync(
        ILogConsumer consumer, LogRecord record, CrashPoint crash, Effects effects, CancellationToken cancellationToken)
    {
        int id = TaggedBody.ReadId(record.Value);
        if (id == Effects.EndOfMessages)
            return true;
        if (_setting.Settlement == Settlement.AfterProcessing)
            effects.Apply(id);
        if (crash == CrashPoint.BeforeSettling)
            return true;
        if (_setting.Settlement is Settlement.AfterProcessing or Settlement.BeforeProcessing)
        {
            await consumer.CommitAsync(record, cancellationToken).ConfigureAwait(false);
            if (crash == CrashPoint.AfterSettling)
                return true;
        }

        if (_setting.Settlement is Settlement.Automatic or Settlement.BeforeProcessing)
            effects.Apply(id);
        return crash == CrashPoint.AfterSettling;
    }

    public Task CollectAsync(Effects effects, CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (ILogConsumer consumer in _dead)
            await consumer.DisposeAsync().ConfigureAwait(false);
        await _producer.DisposeAsync().ConfigureAwait(false);
    }
}
