namespace MessagingModels.Formats.Properties;

/// <summary>
/// Which properties of the class basic are present. The fields follow the flags word in the order of these members.
/// </summary>
/// <remarks>Source: AMQP 0-9-1 specification, 4.2.6.1 and class basic.</remarks>
[Flags]
public enum BasicPropertyFlags : ushort
{
    /// <summary>No property.</summary>
    None = 0,

    /// <summary>MIME content type, short string.</summary>
    ContentType = 1 << 15,

    /// <summary>MIME content encoding, short string.</summary>
    ContentEncoding = 1 << 14,

    /// <summary>Header field table.</summary>
    Headers = 1 << 13,

    /// <summary>1 for transient, 2 for persistent; octet.</summary>
    DeliveryMode = 1 << 12,

    /// <summary>Message priority, octet.</summary>
    Priority = 1 << 11,

    /// <summary>Application correlation identifier, short string.</summary>
    CorrelationId = 1 << 10,

    /// <summary>Address to reply to, short string.</summary>
    ReplyTo = 1 << 9,

    /// <summary>Message expiration in milliseconds as text, short string.</summary>
    Expiration = 1 << 8,

    /// <summary>Application message identifier, short string.</summary>
    MessageId = 1 << 7,

    /// <summary>Message timestamp in seconds.</summary>
    Timestamp = 1 << 6,

    /// <summary>Message type name, short string.</summary>
    Type = 1 << 5,

    /// <summary>Creating user id, short string.</summary>
    UserId = 1 << 4,

    /// <summary>Creating application id, short string.</summary>
    AppId = 1 << 3,

    /// <summary>Deprecated; short string.</summary>
    ClusterId = 1 << 2,
}
