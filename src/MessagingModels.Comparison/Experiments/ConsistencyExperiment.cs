using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part five: the fault matrix, and what it says about "lost", "twice" and "exactly once".</summary>
internal sealed class ConsistencyExperiment : IExperiment
{
    private const string NoFault = "no fault";
    private const string CrashBefore = "consumer dies before it acknowledges";
    private const string CrashAfter = "consumer dies after it acknowledged";
    private const string ClientResends = "publish response lost, client sends again";
    private const string ApplicationResends = "publish response lost, application sends again";
    private const string BrokerKilled = "broker killed and opened again";

    private static readonly TimeSpan CellLimit = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<FaultDescription> Faults { get; } =
    [
        new(NoFault, "Everything is sent, then everything consumed."),
        new(CrashBefore, "Half way, the consumer dies right before it acknowledges or commits the message in hand, and another takes over. "
            + "With automatic acknowledgement it dies right after it got the message; with automatic commit, before the next one is due."),
        new(CrashAfter, "As before, but right after the acknowledgement or commit (with automatic ones: after processing)."),
        new(ClientResends, "The broker stored a message but its response got lost, and the client library sends the same batch again. AMQP clients never do that by themselves; there the application does."),
        new(ApplicationResends, "The same, but the client gave up and the application publishes the message anew."),
        new(BrokerKilled, "The process with broker, publisher and consumer gets SIGKILL half way; the data directory (PageCache) is opened again, "
            + "the publisher goes on with what it does not count as sent, the consumer with what the broker gives it."),
    ];

    public ExperimentInfo Info { get; } = new(
        "consistency", "Consistency: lost, twice, exactly once",
        "Each setting goes through each fault on a broker of its own. Every message has an id; its effect is counted outside the broker, as in a database "
        + "(in the transactional setting: in the output topic, as read-committed consumers see it).");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        List<FaultRow> rows = [];
        context.Outcome.FaultMatrix = new FaultMatrix(Faults, rows);
        List<string> failures = [];
        foreach (FaultSetting setting in FaultSetting.All.Where(setting => context.Offers(setting.Model)))
        {
            context.Step($"{Words.Of(setting.Model)}: {setting.Name}");
            List<FaultCell> cells = [];
            foreach (FaultDescription fault in Faults)
                cells.Add(await TryAsync(context, setting, fault.Name, failures, cancellationToken).ConfigureAwait(false));
            rows.Add(new FaultRow(setting.Model, context.Target.Description.Name, setting.Name, cells));
        }

        FaultFindings.Judge(context, rows);
        if (failures.Count > 0)
            throw new InvalidOperationException($"{failures.Count} of {rows.Count * Faults.Count} cells of the fault matrix failed. {string.Join(' ', failures)}");
    }

    /// <summary>Runs a cell. What a target does not offer is no failure; what breaks is one, and the other cells are run all the same.</summary>
    private static async Task<FaultCell> TryAsync(
        ExperimentContext context, FaultSetting setting, string fault, List<string> failures, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CellLimit);
        try
        {
            return fault == BrokerKilled
                ? await RunKilledAsync(context, setting, limit.Token).ConfigureAwait(false)
                : await RunAsync(context, setting, fault, limit.Token).ConfigureAwait(false);
        }
        catch (NotSupportedException exception)
        {
            return new FaultCell(fault, 0, 0, 0, $"not tried: {exception.Message}");
        }
        catch (Exception exception) when (exception is MessagingException or InvalidOperationException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            string reason = exception is OperationCanceledException ? $"it did not end within {CellLimit.TotalSeconds:0} s" : exception.Message;
            failures.Add($"{Words.Of(setting.Model)}, “{setting.Name}”, {fault}: {reason}");
            return new FaultCell(fault, 0, 0, 0, $"failed: {reason}");
        }
    }

    private static async Task<FaultCell> RunAsync(ExperimentContext context, FaultSetting setting, string fault, CancellationToken cancellationToken)
    {
        int count = context.Scale.FaultMessages;
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using IFaultClient client = await setting.ConnectAsync(session, cancellationToken).ConfigureAwait(false);
        bool losesResponse = fault is ClientResends or ApplicationResends;
        bool isAwaited = true;
        for (int id = 0; id < count; id++)
        {
            if (losesResponse && id == count / 2)
                isAwaited = await client.SendWithLostResponseAsync(id, byApplication: fault == ApplicationResends, cancellationToken).ConfigureAwait(false);
            else
                await client.SendAsync(id, cancellationToken).ConfigureAwait(false);
        }

        Effects effects = new(setting.RemembersIds);
        CrashPoint crash = fault switch
        {
            CrashBefore => CrashPoint.BeforeSettling,
            CrashAfter => CrashPoint.AfterSettling,
            _ => CrashPoint.None,
        };
        if (crash != CrashPoint.None)
            await client.ConsumeAsync(crash, count / 2, effects, cancellationToken).ConfigureAwait(false);

        // Sent last, so that it is not among what a dead consumer takes with it.
        await client.SendAsync(Effects.EndOfMessages, cancellationToken).ConfigureAwait(false);
        await client.ConsumeAsync(CrashPoint.None, 0, effects, cancellationToken).ConfigureAwait(false);
        await client.CollectAsync(effects, cancellationToken).ConfigureAwait(false);
        FaultCount cost = effects.Count(Enumerable.Range(0, count));
        return new FaultCell(fault, count, cost.Lost, cost.Duplicated, isAwaited ? "" : "awaits no response");
    }

    private static async Task<FaultCell> RunKilledAsync(ExperimentContext context, FaultSetting setting, CancellationToken cancellationToken)
    {
        int count = context.Scale.FaultMessages;
        FaultCount cost = await context.Target.RunKilledAsync(setting, count, cancellationToken).ConfigureAwait(false);
        return new FaultCell(BrokerKilled, count, cost.Lost, cost.Duplicated);
    }
}
