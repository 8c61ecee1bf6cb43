using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What the fault matrix says about the claims.</summary>
internal static class FaultFindings
{
    public static void Judge(ExperimentContext context, IReadOnlyList<FaultRow> rows)
    {
        foreach (IGrouping<ModelKind, FaultRow> model in rows.GroupBy(static row => row.Model))
        {
            FaultRow[] of = [.. model];
            context.Judge(
                model.Key == ModelKind.Exchange ? ClaimText.ExchangeConsistency : ClaimText.LogConsistency,
                model.Key == ModelKind.Exchange ? ForLostOrTwice(of) : ForExactlyOnce(of));
            context.Weigh(
                Need.ExactlyOnce, model.Key, of.Any(IsSound) ? 1 : 0,
                $"{of.Count(IsSound)} of {of.Length} {Words.Of(model.Key)} settings lost and duplicated nothing under any fault: {JoinNames(of.Where(IsSound))}.");
        }
    }

    internal static Finding[] ForLostOrTwice(IReadOnlyList<FaultRow> rows)
    {
        FaultRow[] losing = [.. rows.Where(static row => row.Cells.Any(static cell => cell.Lost > 0))];
        FaultRow[] doubling = [.. rows.Where(static row => row.Cells.Any(static cell => cell.Duplicated > 0))];
        return
        [
            Observe.Under(
                $"the setting is one of those that lose: {JoinNames(losing)}",
                "Messages can be lost.", losing.Length > 0, losing.Length == rows.Count,
                $"{losing.Length} of {rows.Count} settings lost messages: {Worst(losing, static cell => cell.Lost, "lost")}.",
                "no setting lost a message under any fault", isEssential: true),
            Observe.Under(
                $"the consumer does not remember ids: {JoinNames(doubling)} gave messages twice",
                "Messages can be consumed twice.", doubling.Length > 0, doubling.Length == rows.Count,
                $"{doubling.Length} of {rows.Count} settings gave messages twice: {Worst(doubling, static cell => cell.Duplicated, "twice")}.",
                "no setting gave a message twice under any fault", isEssential: true),
        ];
    }

    internal static Finding[] ForExactlyOnce(IReadOnlyList<FaultRow> rows)
    {
        FaultRow[] sound = [.. rows.Where(IsSound)];
        FaultRow[] byBroker = [.. rows.Where(static row => row.Cells.All(static cell => cell.IsSound || cell.Fault.Contains("application", StringComparison.Ordinal)))];
        FaultRow[] unsound = [.. rows.Except(sound)];
        return
        [
            Observe.Under(
                byBroker.Length == 0
                    ? "the consumer remembers ids"
                    : $"the setting is {JoinNames(byBroker)}; and where the application itself sends again, only if the consumer remembers ids",
                "A message is consumed exactly once.", sound.Length + byBroker.Length > 0, sound.Length == rows.Count,
                $"{sound.Length} of {rows.Count} settings kept to it under every fault. Partition, offset and group alone did not: {Worst(unsound, static cell => cell.Lost + cell.Duplicated, "lost or twice")}.",
                $"no setting kept to it: {Worst(unsound, static cell => cell.Lost + cell.Duplicated, "lost or twice")}", isEssential: true),
        ];
    }

    private static bool IsSound(FaultRow row) => row.Cells.All(static cell => cell.IsSound);

    private static string JoinNames(IEnumerable<FaultRow> rows)
        => string.Join(" / ", rows.Select(static row => $"“{row.Setting}”")) is { Length: > 0 } names ? names : "none";

    private static string Worst(IEnumerable<FaultRow> rows, Func<FaultCell, int> damage, string word)
        => string.Join("; ", rows.Select(row => (Row: row, Cell: row.Cells.MaxBy(damage)!)).Where(pair => damage(pair.Cell) > 0)
            .OrderByDescending(pair => damage(pair.Cell)).Take(4)
            .Select(pair => $"“{pair.Row.Setting}”: {damage(pair.Cell)} of {pair.Cell.Sent} {word} when {pair.Cell.Fault}"));
}
