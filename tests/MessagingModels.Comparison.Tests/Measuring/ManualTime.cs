namespace MessagingModels.Comparison.Tests.Measuring;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _now;

    public void Advance(int milliseconds) => _now += milliseconds;
}
