using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MessagingModels.Comparison.Measuring;

/// <summary>Latencies of one run at a fixed rate through a pipeline, from the intended send time.</summary>
/// <param name="Arrivals">To the consumer.</param>
/// <param name="Confirms">To the publisher's acknowledgement.</param>
/// <param name="AchievedRate">Messages a second, from the first send to the last arrival.</param>
/// <param name="Latest">How far behind its time the generator sent at most.</param>
/// <param name="FellBehind">True where it was ended early, because the consumer was further behind than it was allowed to be.</param>
internal sealed record LatencyRun(LatencyRecorder Arrivals, LatencyRecorder Confirms, double AchievedRate, TimeSpan Latest, bool FellBehind)
{
    private const long FirstMessage = 0;

    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromSeconds(20);

    /// <summary>Sends for a while at a rate, once a first message has shown that the consumer is there.</summary>
    /// <param name="pipeline">Where to.</param>
    /// <param name="rate">Messages a second.</param>
    /// <param name="bodyBytes">Their size.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="maxBehind">How far behind the consumer may be before the run is ended; null for any distance.</param>
    /// <param name="arrived">Counts what arrives, from 0; null where nobody else reads it.</param>
    /// <exception cref="InvalidOperationException">Messages did not arrive.</exception>
    public static async Task<LatencyRun> RunAsync(
        IPipeline pipeline, double rate, int bodyBytes, TimeSpan duration, CancellationToken cancellationToken, TimeSpan? maxBehind = null,
        Counter? arrived = null)
    {
        LatencyRecorder arrivals = new();
        LatencyRecorder confirms = new();
        Counter consumed = arrived ?? new Counter();
        return await Load.WhileAsync(
            [stop => pipeline.ConsumeAsync(body => Record(arrivals, body), consumed, stop)],
            async load =>
            {
                await pipeline.PublishAsync(CreateBody(FirstMessage, bodyBytes), cancellationToken).ConfigureAwait(false);
                await Throughput.WaitUntilAsync(() => consumed.Value > 0, load, cancellationToken).ConfigureAwait(false);
                List<Task> outstanding = [];
                long handedOver = 1;
                long start = Stopwatch.GetTimestamp();
                (long sent, TimeSpan latest) = await new OpenLoop(rate).RunAsync(
                    duration,
                    due =>
                    {
                        handedOver++;
                        Send(pipeline, due, bodyBytes, confirms, outstanding, cancellationToken);
                    },
                    cancellationToken, () => handedOver - consumed.Value > rate * maxBehind?.TotalSeconds).ConfigureAwait(false);
                await Task.WhenAll(outstanding).WaitAsync(cancellationToken).ConfigureAwait(false);
                await WaitForArrivalsAsync(consumed, sent + 1, load, cancellationToken).ConfigureAwait(false);
                return new LatencyRun(arrivals, confirms, sent / Stopwatch.GetElapsedTime(start).TotalSeconds, latest, sent < (long)(rate * duration.TotalSeconds) - 1);
            }, cancellationToken).ConfigureAwait(false);
    }

    private static void Record(LatencyRecorder arrivals, ReadOnlyMemory<byte> body)
    {
        long due = MemoryMarshal.Read<long>(body.Span);
        if (due != FirstMessage)
            arrivals.Record(due, Stopwatch.GetTimestamp());
    }

    private static byte[] CreateBody(long due, int bytes)
    {
        byte[] body = new byte[bytes];
        MemoryMarshal.Write(body, due);
        return body;
    }

    private static void Send(
        IPipeline pipeline, long due, int bodyBytes, LatencyRecorder confirms, List<Task> outstanding, CancellationToken cancellationToken)
    {
        Task confirm = ConfirmAsync(pipeline, CreateBody(due, bodyBytes), due, confirms, cancellationToken);
        if (!confirm.IsCompletedSuccessfully)
            outstanding.Add(confirm);
    }

    private static async Task ConfirmAsync(IPipeline pipeline, byte[] body, long due, LatencyRecorder confirms, CancellationToken cancellationToken)
    {
        await pipeline.PublishAsync(body, cancellationToken).ConfigureAwait(false);
        confirms.Record(due, Stopwatch.GetTimestamp());
    }

    private static async Task WaitForArrivalsAsync(Counter consumed, long sent, Task load, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (consumed.Value < sent)
        {
            if (load.IsCompleted)
                await load.ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(start) > ArrivalLimit)
                throw new InvalidOperationException($"{sent - consumed.Value} of {sent} messages did not arrive within {ArrivalLimit.TotalSeconds:0} s of the last send.");
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
    }
}
