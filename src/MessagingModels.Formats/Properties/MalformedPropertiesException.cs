namespace MessagingModels.Formats.Properties;

/// <summary>Encoded properties or a field table break the format. In AMQP 0-9-1 a syntax error (502).</summary>
public sealed class MalformedPropertiesException : Exception
{
    internal MalformedPropertiesException(string what, int position)
        : base($"{what} at byte {position}.") => Position = position;

    /// <summary>Where the problem is, in bytes from the start of what was given to the reader.</summary>
    public int Position { get; }
}
