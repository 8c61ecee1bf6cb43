using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How one setting fared under one fault.</summary>
/// <param name="Cost">What was lost and what came twice; of no meaning where <paramref name="Untried"/> or <paramref name="Failure"/> says something.</param>
/// <param name="Note">What else there is to say; empty for nothing.</param>
/// <param name="Untried">Why the target cannot show it; null where it was tried.</param>
/// <param name="Failure">Why it could not be run to its end; null where it could.</param>
internal sealed record FaultAttempt(FaultCount Cost, string Note = "", string? Untried = null, string? Failure = null)
{
    /// <summary>How many messages the publisher counts as sent; null for as many as it was asked to send.</summary>
    public int? Sent { get; init; }

    /// <summary>Runs one under a time limit. What a target does not offer is no failure; what breaks is one, and others go on.</summary>
    public static async Task<FaultAttempt> RunAsync(
        Func<CancellationToken, Task<FaultAttempt>> run, TimeSpan limit, CancellationToken cancellationToken)
    {
        using CancellationTokenSource bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        try
        {
            return await run(bounded.Token).ConfigureAwait(false);
        }
        catch (NotSupportedException exception)
        {
            return new FaultAttempt(default, Untried: exception.Message);
        }
        catch (Exception exception) when (exception is MessagingException or InvalidOperationException or IOException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new FaultAttempt(
                default, Failure: exception is OperationCanceledException ? $"it did not end within {limit.TotalSeconds:0} s" : exception.Message);
        }
    }

    /// <summary>Runs several, a few at a time; the results are in the order of the settings.</summary>
    public static async Task<FaultAttempt[]> RunAllAsync(
        IReadOnlyList<FaultSetting> settings, int atOnce, TimeSpan limit, Func<FaultSetting, CancellationToken, Task<FaultAttempt>> run, CancellationToken cancellationToken)
    {
        FaultAttempt[] attempts = new FaultAttempt[settings.Count];
        await Parallel.ForAsync(
            0, settings.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (i, stop) => attempts[i] = await RunAsync(token => run(settings[i], token), limit, stop).ConfigureAwait(false)).ConfigureAwait(false);
        return attempts;
    }

    /// <summary>The cell of the matrix.</summary>
    public FaultCell ToCell(string fault, int sent) => (Untried, Failure) switch
    {
        ({ } reason, _) => new FaultCell(fault, 0, 0, 0, $"not tried: {reason}"),
        (_, { } reason) => new FaultCell(fault, 0, 0, 0, $"failed: {reason}") { HasFailed = true },
        _ => new FaultCell(fault, Sent ?? sent, Cost.Lost, Cost.Duplicated, Note),
    };
}
