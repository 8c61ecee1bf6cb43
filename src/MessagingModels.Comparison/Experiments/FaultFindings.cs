using System.Globalization;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What the fault matrix says about the claims. Only cells that were run to their end say anything; what was not is named, and counts neither way.</summary>
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
            if (!of.Any(WasTried))
                continue;
            context.Weigh(
                Need.ExactlyOnce, model.Key, of.Any(IsSound) ? 1 : 0,
                $"{of.Count(IsSound)} of {of.Count(WasTried)} {Words.Of(model.Key)} settings lost and duplicated nothing under {Tried(of)}: {JoinNames(of.Where(IsSound))}.");
        }
    }

    internal static Finding[] ForLostOrTwice(IReadOnlyList<FaultRow> rows)
    {
        FaultRow[] losing = [.. rows.Where(static row => row.Cells.Any(static cell => cell.Lost > 0))];
        FaultRow[] doubling = [.. rows.Where(static row => row.Cells.Any(static cell => cell.Duplicated > 0))];
        return
        [
            OnlyWhereTried(rows, losing.Length > 0, Observe.Under(
                $"the setting is one of those that lose: {JoinNames(losing)}",
                "Messages can be lost.", losing.Length > 0, losing.Length == rows.Count,
                $"{losing.Length} of {rows.Count(WasTried)} settings lost messages{Worst(losing, static cell => cell.Lost, "lost", ": ")}.",
                $"no setting lost a message under {Tried(rows)}", isEssential: true)),
            OnlyWhereTried(rows, doubling.Length > 0, Observe.Under(
                $"the consumer does not remember ids: {JoinNames(doubling)} gave messages twice",
                "Messages can be consumed twice.", doubling.Length > 0, doubling.Length == rows.Count,
                $"{doubling.Length} of {rows.Count(WasTried)} settings gave messages twice{Worst(doubling, static cell => cell.Duplicated, "twice", ": ")}.",
                $"no setting gave a message twice under {Tried(rows)}", isEssential: true)),
            .. Gaps(rows),
        ];
    }

    internal static Finding[] ForExactlyOnce(IReadOnlyList<FaultRow> rows)
    {
        FaultRow[] tried = [.. rows.Where(WasTried)];
        FaultRow[] sound = [.. tried.Where(IsSound)];
        FaultRow[] byBroker = [.. tried.Where(static row => row.Cells.All(static cell => !cell.WasTried || cell.IsSound || cell.Fault.Contains("application", StringComparison.Ordinal)))];
        FaultRow[] unsound = [.. tried.Except(sound)];
        string worst = Worst(unsound, static cell => cell.Lost + cell.Duplicated, "lost or twice", "");
        return
        [
            OnlyWhereTried(rows, unsound.Length == rows.Count || sound.Length + byBroker.Length > 0, Observe.Under(
                byBroker.Length == 0
                    ? "the consumer remembers ids"
                    : $"the setting is {JoinNames(byBroker)}{(byBroker.Length > sound.Length ? "; and where the application itself sends again, only if the consumer remembers ids" : "")}",
                "A message is consumed exactly once.", sound.Length + byBroker.Length > 0, tried.Length > 0 && sound.Length == tried.Length,
                $"{sound.Length} of {tried.Length} settings kept to it under {Tried(rows)}.{(worst.Length > 0 ? $" Partition, offset and group alone did not: {worst}." : "")}",
                $"no setting kept to it: {worst}", isEssential: true)),
            .. Gaps(rows),
        ];
    }

    private static bool WasTried(FaultRow row) => row.Cells.Any(static cell => cell.WasTried);

    private static bool IsSound(FaultRow row) => WasTried(row) && row.Cells.All(static cell => !cell.WasTried || cell.IsSound);

    private static string Tried(IReadOnlyList<FaultRow> rows)
        => rows.Any(static row => row.Cells.Any(static cell => !cell.WasTried)) ? "any fault that was tried" : "any fault";

    /// <summary>What was not seen is refuted only where everything was tried; else the cells that are missing may hold it.</summary>
    private static Finding OnlyWhereTried(IReadOnlyList<FaultRow> rows, bool wasDecided, Finding finding)
        => wasDecided || rows.All(static row => row.Cells.All(static cell => cell.WasTried))
            ? finding
            : finding with { Outcome = FindingOutcome.NotTested, Condition = $"untested here: {finding.Statement.TrimEnd('.')}, for what was tried did not show it and not everything was tried" };

    /// <summary>A finding for each fault that some setting was not put through to the end.</summary>
    private static IEnumerable<Finding> Gaps(IReadOnlyList<FaultRow> rows)
        => rows.SelectMany(static row => row.Cells.Select(cell => (Row: row, Cell: cell))).Where(static pair => !pair.Cell.WasTried)
            .GroupBy(static pair => pair.Cell.Fault)
            .Select(fault =>
            {
                FaultRow[] missing = [.. fault.Select(static pair => pair.Row)];
                string reasons = string.Join("; ", fault.Select(static pair => pair.Cell.Note).Distinct());
                string settings = missing.Length == rows.Count
                    ? "all settings"
                    : string.Create(CultureInfo.InvariantCulture, $"{missing.Length} of {rows.Count} settings, {JoinNames(missing)}");
                return new Finding($"The same under “{fault.Key}”.", FindingOutcome.NotTested, $"With {settings}: {reasons}.", $"untested here: “{fault.Key}” with {settings} ({reasons})");
            });

    private static string JoinNames(IEnumerable<FaultRow> rows)
        => string.Join(" / ", rows.Select(static row => $"“{row.Setting}”")) is { Length: > 0 } names ? names : "none";

    private static string Worst(IEnumerable<FaultRow> rows, Func<FaultCell, int> damage, string word, string before)
        => string.Join("; ", rows.Select(row => (Row: row, Cell: row.Cells.MaxBy(damage)!)).Where(pair => damage(pair.Cell) > 0)
            .OrderByDescending(pair => damage(pair.Cell)).Take(4)
            .Select(pair => $"“{pair.Row.Setting}”: {damage(pair.Cell)} of {pair.Cell.Sent} {word} when {pair.Cell.Fault}")) is { Length: > 0 } worst ? before + worst : "";
}
