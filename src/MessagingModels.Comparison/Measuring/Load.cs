using System.Runtime.ExceptionServices;

namespace MessagingModels.Comparison.Measuring;

/// <summary>Publishes as fast as the consumer keeps up, until cancelled.</summary>
internal static class Load
{
    private const int BodiesInRotation = 256;
    private const int MaxBacklogMessages = 20_000;
    private const int MaxBacklogBytes = 64 * 1024 * 1024;
    private const int PublishesPerLook = 128;

    /// <summary>Settings of this load, to be named beside its figures.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Settings(int bodyBytes)
        => [new("body", Reporting.Figures.Bytes(bodyBytes)), new("backlog", $"at most {Reporting.Figures.Count(MaxBacklog(bodyBytes))} messages")];

    /// <summary>Publishes with a bounded backlog: throughput is that of the slower side, never that of filling memory.</summary>
    private static async Task PublishAsync(IPipeline pipeline, int bodyBytes, Counter consumed, CancellationToken cancellationToken)
    {
        byte[][] bodies = new byte[BodiesInRotation][];
        for (int i = 0; i < bodies.Length; i++)
            bodies[i] = CreateBody(bodyBytes, i);
        int maxBacklog = MaxBacklog(bodyBytes);
        for (long published = 0; ; published += PublishesPerLook)
        {
            while (published - consumed.Value > maxBacklog)
                await Task.Delay(1, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < PublishesPerLook; i++)
                await pipeline.EnqueueAsync(bodies[(published + i) % BodiesInRotation], cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A body that does not compress to nothing.</summary>
    public static byte[] CreateBody(int bytes, int seed)
    {
        byte[] body = new byte[bytes];
        uint state = (uint)seed * 2654435761 + 1;
        for (int i = 0; i < body.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            body[i] = (byte)(state >> 24);
        }

        return body;
    }

    private static int MaxBacklog(int bodyBytes) => Math.Max(512, Math.Min(MaxBacklogMessages, MaxBacklogBytes / bodyBytes));

    /// <summary>Has a pipeline carry as much as gets through, for as long as something is measured.</summary>
    public static Task<T> SaturateAsync<T>(
        IPipeline pipeline, int bodyBytes, Counter consumed, Func<Task, Task<T>> measure, CancellationToken cancellationToken)
        => WhileAsync(
            [stop => PublishAsync(pipeline, bodyBytes, consumed, stop), stop => pipeline.ConsumeAsync(null, consumed, stop)], measure, cancellationToken);

    /// <summary>Runs loops until the measurement is done, then ends them. A failure of a loop is thrown, unless the measurement itself failed.</summary>
    /// <param name="loops">Each runs until it is cancelled.</param>
    /// <param name="measure">Gets a task that ends with the first loop that does.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="AggregateException">Several loops failed.</exception>
    public static async Task<T> WhileAsync<T>(
        IReadOnlyList<Func<CancellationToken, Task>> loops, Func<Task, Task<T>> measure, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running = [.. loops.Select(loop => Task.Run(() => loop(stop.Token), CancellationToken.None))];
        T result;
        try
        {
            result = await measure(Task.WhenAny(running).Unwrap()).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Exception[] failures = [.. running.Where(static loop => loop.IsFaulted).SelectMany(static loop => loop.Exception!.InnerExceptions)];
        return failures.Length switch
        {
            0 => result,
            1 => Rethrow<T>(failures[0]),
            _ => throw new AggregateException(failures),
        };
    }

    private static T Rethrow<T>(Exception failure)
    {
        ExceptionDispatchInfo.Throw(failure);
        return default;
    }
}
