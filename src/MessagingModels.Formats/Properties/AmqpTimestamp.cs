namespace MessagingModels.Formats.Properties;

/// <summary>
/// A timestamp of AMQP 0-9-1: whole seconds since 1970. Some clients put milliseconds here, so any value is kept as it is.
/// </summary>
/// <param name="UnixSeconds">Seconds since 1970.</param>
public readonly record struct AmqpTimestamp(long UnixSeconds)
{
    /// <summary>The timestamp of a moment; fractions of a second are cut.</summary>
    public static AmqpTimestamp From(DateTimeOffset moment) => new(moment.ToUnixTimeSeconds());

    /// <summary>The moment; false where the seconds are beyond the years 1 to 9999.</summary>
    public bool TryGetMoment(out DateTimeOffset moment)
    {
        bool isInRange = UnixSeconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
            && UnixSeconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        moment = isInRange ? DateTimeOffset.FromUnixTimeSeconds(UnixSeconds) : default;
        return isInRange;
    }
}
