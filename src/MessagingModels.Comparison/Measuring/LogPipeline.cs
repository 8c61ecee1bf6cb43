using System.Globalization;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>An idempotent producer, one partition, and a group of one.</summary>
internal sealed class LogPipeline : IPipeline
{
    private const int MaxPollRecords = 500;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(1);

    private readonly TargetSession _session;
    private readonly string _topic;
    private readonly ILogProducer _producer;
    private readonly bool _commitsEachPoll;
    private readonly Counter _polls = new();
    private readonly Counter _records = new();
    private ILogConsumer? _consumer;

    private LogPipeline(string topic, ILogProducer producer, bool commitsEachPoll, TargetSession session)
    {
        _session = session;
        _topic = topic;
        _producer = producer;
        _commitsEachPoll = commitsEachPoll;
        ProducerOptions options = producer.Options;
        Settings = new Dictionary<string, string>(session.Settings)
        {
            ["partitions"] = "1",
            ["acks"] = "all, idempotent",
            ["batching"] = string.Create(CultureInfo.InvariantCulture, $"{Figures.Bytes(options.BatchSizeBytes)}, linger {options.Linger.TotalMilliseconds:0} ms"),
            ["commit"] = commitsEachPoll
                ? string.Create(CultureInfo.InvariantCulture, $"after each poll of up to {MaxPollRecords} records; waits for the broker's answer")
                : string.Create(CultureInfo.InvariantCulture, $"automatic, every {new ConsumerOptions().AutoCommitInterval.TotalSeconds:0} s"),
        };
    }

    /// <summary>The topic that it publishes to and consumes from.</summary>
    public string Topic => _topic;

    public ModelKind Model => ModelKind.Log;

    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>How much a poll brings decides how often the broker is asked to store a commit.</summary>
    public IReadOnlyDictionary<string, string> Observations => _commitsEachPoll && _polls.Value > 0
        ? new Dictionary<string, string> { ["records for each commit"] = Figures.Number((double)_records.Value / _polls.Value) }
        : new Dictionary<string, string>();

    public static async Task<LogPipeline> CreateAsync(TargetSession session, PipelineLoad load, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync("load", 1, cancellationToken).ConfigureAwait(false);
        ProducerOptions options = load == PipelineLoad.PacedAtOnce ? new ProducerOptions() : session.ThroughputProducer;
        return new LogPipeline(topic, session.Log.CreateProducer(options), load == PipelineLoad.Saturating, session);
    }

    public ValueTask EnqueueAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => _producer.EnqueueAsync(new ProducerRecord(_topic, null, body), null, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _producer.FlushAsync(cancellationToken);

    public async Task PublishAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => await _producer.ProduceAsync(new ProducerRecord(_topic, null, body), cancellationToken).ConfigureAwait(false);

    public async Task ConsumeAsync(Action<ReadOnlyMemory<byte>>? onMessage, Counter consumed, CancellationToken cancellationToken)
    {
        ConsumerOptions options = new() { GroupId = _session.Name("load"), OffsetReset = OffsetReset.Earliest, AutoCommit = !_commitsEachPoll };
        ILogConsumer consumer = _consumer ??= await _session.Log.JoinGroupAsync(options, [_topic], null, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            IReadOnlyList<LogRecord> records = await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false);
            if (records.Count == 0)
                continue;
            if (onMessage is not null)
            {
                foreach (LogRecord record in records)
                    onMessage(record.Value);
            }

            _polls.Add(1);
            _records.Add(records.Count);
            if (_commitsEachPoll)
                await consumer.CommitAsync(cancellationToken).ConfigureAwait(false);
            consumed.Add(records.Count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_consumer is { } consumer)
            await consumer.DisposeAsync().ConfigureAwait(false);
        await _producer.DisposeAsync().ConfigureAwait(false);
    }
}
