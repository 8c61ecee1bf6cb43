using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Partitions;

/// <summary>Retention, compaction and rolling of all partitions: one task that passes over them at an interval.</summary>
internal sealed partial class PartitionUpkeep : IAsyncDisposable
{
    private readonly TopicRegistry _topics;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _passing = new(1, 1);
    private readonly Task _loop;

    public PartitionUpkeep(TopicRegistry topics, BrokerContext context)
    {
        _topics = topics;
        _logger = context.Loggers.CreateLogger<PartitionUpkeep>();
        _timer = new PeriodicTimer(context.Options.RetentionCheckInterval, context.Time);
        _loop = LoopAsync();
    }

    /// <summary>Makes one pass now.</summary>
    public async Task RunOnceAsync()
    {
        await _passing.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await Task.Run(PassAsync).ConfigureAwait(false);
        }
        finally
        {
            _passing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _timer.Dispose();
        await _loop.ConfigureAwait(false);
        await _passing.WaitAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false)) await RunOnceAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The broker closes.
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "One partition's failure must not end the upkeep of the others; it is logged.")]
    private async Task PassAsync()
    {
        foreach (Topic topic in _topics.Topics)
        {
            foreach (Partition partition in topic.Partitions)
            {
                if (_stop.IsCancellationRequested) return;
                try
                {
                    await partition.MaintainAsync().ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    LogFailed(_logger, partition.Id, error);
                }
            }
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "Retention or compaction of partition {Partition} failed; it is tried again at the next pass")]
    private static partial void LogFailed(ILogger logger, TopicPartition partition, Exception error);
}
