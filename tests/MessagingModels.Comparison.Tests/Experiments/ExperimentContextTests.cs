using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Experiments;

public sealed class ExperimentContextTests : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string> { ["body"] = "1 KiB" };

    private readonly WorkDirectory _directory = WorkDirectory.Create(null);
    private readonly NativeTarget _target;
    private readonly ExperimentContext _context;

    public ExperimentContextTests()
    {
        ComparisonOptions options = new();
        _target = new NativeTarget(_directory);
        _context = new ExperimentContext(new MemoryExperiment(), options, static _ => { })
        {
            Target = _target,
            Workload = Workload.Create("test", [new WorkloadMessage("k", "r", default)], [], 0),
            Scale = RunScale.For(options),
        };
    }

    [Fact]
    public void A_ratio_carries_the_spreads_of_both_sides()
    {
        _context.MeasuredRatio(ModelKind.Log, "speed-up", "4 over 1", Spread.Of([3, 4, 5]).Over(Spread.Of([1, 2])), Settings);

        Measurement figure = Assert.Single(_context.Outcome.Measurements);
        Assert.Equal((1.5, 5.0, 6), (figure.Minimum, figure.Maximum, figure.Repeats.Count));
        Assert.Equal(["body", "ratio"], figure.Settings.Keys);
    }

    [Fact]
    public void A_ratio_to_a_window_with_nothing_in_it_is_told_and_no_figure()
    {
        _context.MeasuredRatio(ModelKind.Log, "speed-up", "4 over 1", Spread.Of([3, 4]).Over(Spread.Of([0, 2])), Settings);
        _context.MeasuredRatio(ModelKind.Log, "speed-up", "4 over 2", Spread.Of([0, 0]).Over(Spread.Of([0, 2])), Settings);

        Assert.Empty(_context.Outcome.Measurements);
        Assert.Equal(["native: no figure for speed-up, 4 over 1", "native: no figure for speed-up, 4 over 2"], _context.Outcome.Notes.Select(static note => note.Split(": a window")[0]));
    }

    [Fact]
    public void What_is_weighed_by_one_timed_value_says_that_it_decides_nothing()
    {
        Weigh(Need.Rate, [100]);
        Weigh(Need.Rate, [100, 90, 110]);

        Assert.Equal(
            ["So much (one value, which decides nothing).", "So much (90 to 110 in 3 repeats)."], _context.Outcome.Sides.Select(static side => side.Evidence));
        Assert.Equal([null, true], _context.Outcome.Sides.Select(static side => side.Figure.IsAbove(50)));
    }

    private void Weigh(Need need, double[] repeats)
        => _context.Weigh(need, ModelKind.Log, _context.Measured(ModelKind.Log, "rate", "", "messages/s", repeats, Settings), "So much");

    public async ValueTask DisposeAsync()
    {
        await _target.DisposeAsync();
        _directory.Dispose();
    }
}
