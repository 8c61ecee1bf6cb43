using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>One publisher, one destination and one consumer of either model, for load.</summary>
internal interface IPipeline : IAsyncDisposable
{
    ModelKind Model { get; }

    /// <summary>Every setting that a figure measured with it depends on.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What was seen of its clients so far, to be told beside figures.</summary>
    IReadOnlyDictionary<string, string> Observations { get; }

    /// <summary>Hands a message over; waits only where the publisher's window is full.</summary>
    ValueTask EnqueueAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Waits until everything handed over is acknowledged.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Sends a message; completes when it is acknowledged.</summary>
    Task PublishAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Consumes and acknowledges until cancelled. The consumer is there from the first call on, so that none fetches ahead before it.</summary>
    /// <param name="onMessage">Sees each body before it is acknowledged; null to count only.</param>
    /// <param name="consumed">Raised by what was consumed.</param>
    /// <param name="cancellationToken">Ends the consuming.</param>
    Task ConsumeAsync(Action<ReadOnlyMemory<byte>>? onMessage, Counter consumed, CancellationToken cancellationToken);
}

/// <summary>What the clients of a pipeline are set for. Those of queues have nothing to set: each message is sent, and acknowledged without an answer.</summary>
internal enum PipelineLoad
{
    /// <summary>As much as gets through: producers fill batches, consumers commit each poll and wait for the answer.</summary>
    Saturating,
    /// <summary>A rate, by producers that fill batches; consumers commit now and then, since a commit's answer would be waited for between two messages.</summary>
    Paced,
    /// <summary>The same, by producers that send at once.</summary>
    PacedAtOnce,
}

/// <summary>Pipelines by model.</summary>
internal static class Pipeline
{
    /// <summary>Declares a queue or a topic of the session and connects a publisher to it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="session">Where to.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="load">What the clients are set for.</param>
    public static async Task<IPipeline> CreateAsync(
        ModelKind model, TargetSession session, CancellationToken cancellationToken, PipelineLoad load = PipelineLoad.Saturating)
        => model == ModelKind.Exchange
            ? await ExchangePipeline.CreateAsync(session, cancellationToken).ConfigureAwait(false)
            : await LogPipeline.CreateAsync(session, load, cancellationToken).ConfigureAwait(false);
}
