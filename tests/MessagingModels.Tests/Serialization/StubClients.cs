using System.Reflection;
using System.Runtime.CompilerServices;

namespace MessagingModels.Tests.Serialization;

/// <summary>A producer that copies what it is handed, as a batch would, and acknowledges it at once.</summary>
internal sealed class RecordingProducer : ILogProducer
{
    public List<(string Topic, byte[]? Key, byte[]? Value, RecordHeaders? Headers)> Records { get; } = [];

    public bool KeepsRecords { get; set; } = true;

    public ProducerOptions Options { get; } = new();

    public ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default)
    {
        Keep(record);
        return ValueTask.FromResult(new RecordPosition(record.Topic, 0, new Offset(Records.Count - 1), DateTimeOffset.UnixEpoch));
    }

    public ValueTask EnqueueAsync(
        ProducerRecord record, Action<DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default)
    {
        Keep(record);
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default)
        => throw new InvalidOperationException("This producer has no transactional id.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Keep(in ProducerRecord record)
    {
        if (KeepsRecords)
            Records.Add((record.Topic, record.Key?.ToArray(), record.Value?.ToArray(), record.Headers));
    }
}

/// <summary>Consumers whose reads yield given records, from where the last read ended.</summary>
public class ScriptedConsumer : DispatchProxy
{
    private Queue<LogRecord> _records = [];

    public static ILogConsumer Of(params LogRecord[] records)
    {
        ILogConsumer consumer = Create<ILogConsumer, ScriptedConsumer>();
        ((ScriptedConsumer)consumer)._records = new Queue<LogRecord>(records);
        return consumer;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        => targetMethod!.Name switch
        {
            nameof(ILogConsumer.ReadAsync) => ReadAsync((CancellationToken)args![0]!),
            "get_Options" => new ConsumerOptions { GroupId = "billing" },
            _ => ValueTask.CompletedTask,
        };

    private async IAsyncEnumerable<LogRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (_records.TryDequeue(out LogRecord record))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
            await Task.Yield();
        }
    }
}
