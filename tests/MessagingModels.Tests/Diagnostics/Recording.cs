using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MessagingModels.Tests.Diagnostics;

/// <summary>Listens to the spans and measurements of this library, and writes them down.</summary>
internal sealed class Recording : IDisposable
{
    private readonly ActivityListener _spans;
    private readonly MeterListener _meter;

    public Recording()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MessagingDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Spans.Add,
        };
        ActivitySource.AddActivityListener(_spans);
        _meter = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == MessagingDiagnostics.Name)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        _meter.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Measured.Add($"{instrument.Name} {value}: {Text(tags)}");
            Destinations.Add(string.Join(' ', tags.ToArray()
                .Where(tag => tag.Key.StartsWith("messaging.destination.", StringComparison.Ordinal)).Select(tag => $"{tag.Key}={tag.Value}")));
        });
        _meter.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measured.Add($"{instrument.Name}: {Text(tags)}"));
        _meter.Start();
    }

    /// <summary>The spans that ended.</summary>
    public List<Activity> Spans { get; } = [];

    /// <summary>Name, value (of counts) and tag values of each measurement.</summary>
    public List<string> Measured { get; } = [];

    /// <summary>What each measurement of a count says of its destination.</summary>
    public List<string> Destinations { get; } = [];

    public void Dispose()
    {
        _spans.Dispose();
        _meter.Dispose();
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => string.Join(' ', tags.ToArray().Select(tag => tag.Value));
}
