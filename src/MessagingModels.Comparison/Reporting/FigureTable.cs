using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Reporting;

/// <summary>A column of figures: a system, and a model where the system offers both.</summary>
internal sealed record FigureColumn(string Target, ModelKind? Model);

/// <summary>A figure, with what the broker's processes used meanwhile: processor time for each message, resident memory.</summary>
internal sealed record FigureCell(Measurement Figure, IReadOnlyList<Measurement> Beside);

/// <summary>The same figure of several systems.</summary>
internal sealed record FigureRow(string Metric, string Label, string Unit, IReadOnlyDictionary<FigureColumn, FigureCell> Cells);

/// <summary>The figures of an experiment, side by side: a row for each figure, a column for each system.</summary>
internal sealed class FigureTable
{
    private readonly Dictionary<FigureColumn, Dictionary<string, string>> _common = [];

    private FigureTable(IReadOnlyList<FigureColumn> columns, IReadOnlyList<FigureRow> rows)
    {
        Columns = columns;
        Rows = rows;
        foreach (FigureColumn column in columns)
        {
            IReadOnlyDictionary<string, string>[] all = [.. rows.Where(row => row.Cells.ContainsKey(column)).Select(row => row.Cells[column].Figure.Settings)];
            _common[column] = all.Length < 2 ? [] : Shared(all);
        }
    }

    /// <summary>The columns, those of systems in the process first.</summary>
    public IReadOnlyList<FigureColumn> Columns { get; }

    /// <summary>The rows, in the order in which the figures were measured.</summary>
    public IReadOnlyList<FigureRow> Rows { get; }

    public static FigureTable Of(IReadOnlyList<Measurement> measurements, Systems systems)
    {
        Dictionary<Measurement, List<Measurement>> beside = FindCompanions(measurements);
        HashSet<Measurement> companions = new(beside.Values.SelectMany(static list => list), ReferenceEqualityComparer.Instance);
        List<(string Metric, string Label, string Unit, Dictionary<FigureColumn, FigureCell> Cells)> rows = [];
        foreach (Measurement measurement in measurements.Where(measurement => !companions.Contains(measurement)))
        {
            FigureColumn column = new(measurement.Target, systems.ModelOf(measurement.Target, measurement.Model));
            var row = rows.Find(row => row.Metric == measurement.Metric && row.Label == measurement.Label && row.Unit == measurement.Unit && !row.Cells.ContainsKey(column));
            if (row.Cells is null)
            {
                row = (measurement.Metric, measurement.Label, measurement.Unit, []);
                rows.Add(row);
            }

            row.Cells.Add(column, new FigureCell(measurement, beside.GetValueOrDefault(measurement, [])));
        }

        FigureColumn[] columns = [.. rows.SelectMany(static row => row.Cells.Keys).Distinct()
            .OrderBy(column => systems.OrderOf(column.Target)).ThenBy(static column => column.Model ?? (ModelKind)int.MaxValue)];
        return new FigureTable(columns, [.. rows.GroupBy(static row => (row.Metric, row.Unit)).SelectMany(static group => group)
            .Select(static row => new FigureRow(row.Metric, row.Label, row.Unit, row.Cells))]);
    }

    /// <summary>The settings that all figures of a column share; none where it has a single figure.</summary>
    public IReadOnlyDictionary<string, string> CommonSettings(FigureColumn column) => _common[column];

    /// <summary>The other settings of a row: those that its figures share, and by column those that they do not.</summary>
    public (IReadOnlyDictionary<string, string> Shared, IReadOnlyDictionary<FigureColumn, IReadOnlyDictionary<string, string>> Own) SettingsOf(FigureRow row)
    {
        Dictionary<FigureColumn, IReadOnlyDictionary<string, string>> rest = row.Cells.ToDictionary(
            static cell => cell.Key, cell => (IReadOnlyDictionary<string, string>)Without(cell.Value.Figure.Settings, _common[cell.Key]));
        Dictionary<string, string> shared = Shared([.. rest.Values]);
        return (shared, rest.Select(cell => KeyValuePair.Create<FigureColumn, IReadOnlyDictionary<string, string>>(cell.Key, Without(cell.Value, shared)))
            .Where(static cell => cell.Value.Count > 0).ToDictionary());
    }

    /// <summary>What was read of the broker's processes during a figure has that figure's label, follows it, and stands beside it.</summary>
    private static Dictionary<Measurement, List<Measurement>> FindCompanions(IReadOnlyList<Measurement> measurements)
    {
        Dictionary<Measurement, List<Measurement>> beside = new(ReferenceEqualityComparer.Instance);
        Dictionary<(string, ModelKind?, string), Measurement> last = [];
        foreach (Measurement measurement in measurements.Where(static measurement => measurement.Label.Length > 0))
        {
            (string, ModelKind?, string) key = (measurement.Target, measurement.Model, measurement.Label);
            if (!UsageMeter.Readings.Any(reading => measurement.Metric.StartsWith(reading, StringComparison.Ordinal)))
                last[key] = measurement;
            else if (last.TryGetValue(key, out Measurement? figure))
                (beside.TryGetValue(figure, out List<Measurement>? readings) ? readings : beside[figure] = []).Add(measurement);
        }

        return beside;
    }

    private static Dictionary<string, string> Shared(IReadOnlyDictionary<string, string>[] settings)
        => settings.Length == 0
            ? []
            : settings[0].Where(setting => settings.All(other => other.TryGetValue(setting.Key, out string? value) && value == setting.Value)).ToDictionary();

    private static Dictionary<string, string> Without(IReadOnlyDictionary<string, string> settings, Dictionary<string, string> without)
        => settings.Where(setting => !without.ContainsKey(setting.Key)).ToDictionary();
}
