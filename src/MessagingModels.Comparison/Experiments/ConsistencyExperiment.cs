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

    private static readonly TimeSpan CellLimit = TimeSpan.FromSeconds(20);

    public static IReadOnlyList<FaultDescription> Faults { get; } =
    [
        new(NoFault, "Everything is sent, then everything consumed."),
        new(CrashBefore, "Half way, the consumer dies right before it acknowledges or commits the message in hand, and another takes over. "
            + "With automatic acknowledgement it dies right after it got the message; with automatic commit, before the next one is due. "
            + "A transaction stays open until the next producer of the same transactional id has taken over. What dies is the client, not its process: a queue's channel is closed and a group left without a commit, "
            + "as the broker would do by itself once it noticed; with automatic commit the consumer falls silent until its group drops it."),
        new(CrashAfter, "As before, but right after the acknowledgement or commit (with automatic ones: after processing)."),
        new(ClientResends, "The broker stored a message but its response got lost, and the client library sends the same batch again. AMQP clients never do that by themselves; there the application does. "
            + "Over a socket a proxy loses answers and then cuts the connections. Within a process nothing can get lost on the way: there the log is handed the same batch twice on purpose, and the queue the same message."),
        new(ApplicationResends, "The broker stored a message but its response got lost, the client gives up, and the application publishes the message anew. "
            + "Over a socket a proxy loses all answers until a Kafka producer's delivery timeout (3 s here) has passed, and a new producer sends the message again; an AMQP client gives up as soon as its connection is cut. "
            + "Within a process the message is published twice on purpose."),
        new(BrokerKilled, "Native: the process with broker, publisher and consumer gets SIGKILL half way; the data directory (PageCache) is opened again, "
            + "the publisher goes on with what it does not count as sent, the consumer with what the broker gives it. "
            + "Kafka and RabbitMQ: the broker's process gets SIGKILL once, under all settings together, and is started again on its data; publishers and consumers live on, connect again and try again what failed."),
    ];

    public ExperimentInfo Info { get; } = new(
        "consistency", "Consistency: lost, twice, exactly once",
        "Each setting goes through each fault with destinations of its own. Every message has an id; its effect is counted outside the broker, as in a database "
        + "(in the transactional setting: in the output topic, as read-committed consumers see it).");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        FaultSetting[] settings = [.. FaultSetting.All.Where(setting => context.Offers(setting.Model))];
        List<FaultAttempt[]> columns = [];
        foreach (FaultDescription fault in Faults)
        {
            context.Step(fault.Name);

            // The proxy that loses responses stands alone in front of a broker.
            columns.Add(fault.Name == BrokerKilled
                ? [.. await context.Target.RunKilledAsync(settings, context.Scale.FaultMessages, cancellationToken).ConfigureAwait(false)]
                : await FaultAttempt.RunAllAsync(
                    settings, LosesResponse(fault.Name) ? 1 : 2, CellLimit, (setting, stop) => RunAsync(context, setting, fault.Name, stop), cancellationToken)
                    .ConfigureAwait(false));
        }

        FaultRow[] rows =
        [
            .. settings.Select((setting, row) => new FaultRow(
                setting.Model, context.Target.Description.Name, setting.Name,
                [.. Faults.Select((fault, column) => columns[column][row].ToCell(fault.Name, context.Scale.FaultMessages))])),
        ];
        context.Outcome.FaultMatrix = new FaultMatrix(Faults, rows);
        FaultFindings.Judge(context, rows);
        ThrowIfAnyFailed(settings, columns);
    }

    private static bool LosesResponse(string fault) => fault is ClientResends or ApplicationResends;

    private static void ThrowIfAnyFailed(FaultSetting[] settings, List<FaultAttempt[]> columns)
    {
        string[] failures =
        [
            .. Faults.SelectMany((fault, column) => settings.Select((setting, row) => (Fault: fault.Name, Setting: setting, columns[column][row].Failure)))
                .Where(static cell => cell.Failure is not null)
                .Select(static cell => $"{Words.Of(cell.Setting.Model)}, “{cell.Setting.Name}”, {cell.Fault}: {cell.Failure}"),
        ];
        if (failures.Length > 0)
            throw new InvalidOperationException($"{failures.Length} of {settings.Length * Faults.Count} cells of the fault matrix failed. {string.Join(' ', failures)}");
    }

    private static async Task<FaultAttempt> RunAsync(ExperimentContext context, FaultSetting setting, string fault, CancellationToken cancellationToken)
    {
        int count = context.Scale.FaultMessages;
        await using TargetSession session = await context.Target.OpenForFaultAsync(LosesResponse(fault), cancellationToken).ConfigureAwait(false);
        await using IFaultClient client = await setting.ConnectAsync(session, cancellationToken).ConfigureAwait(false);
        string note = "";
        for (int id = 0; id < count; id++)
        {
            if (LosesResponse(fault) && id == count / 2)
                note = await client.SendWithLostResponseAsync(id, byApplication: fault == ApplicationResends, cancellationToken).ConfigureAwait(false);
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
        return new FaultAttempt(effects.Count(Enumerable.Range(0, count)), note);
    }
}
