namespace MessagingModels.Provisioning;

/// <summary>No broker could be had. The message is one line: why, and what to do about it.</summary>
public sealed class BrokerUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do, on one line.</param>
    /// <param name="innerException">What was found, if an exception told.</param>
    public BrokerUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// True where there was a broker to take and it failed: an address was given, a distribution was named or found, or a Docker engine answered.
    /// False where there was nothing to try, which is no failure for who can do without.
    /// </summary>
    public bool WasConfigured { get; init; } = true;

    /// <summary>True where other ports may help.</summary>
    internal bool PortTaken { get; init; }
}
