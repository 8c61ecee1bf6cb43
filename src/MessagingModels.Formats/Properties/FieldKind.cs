namespace MessagingModels.Formats.Properties;

/// <summary>
/// The type of a value in a field table, by its tag on the wire. These are the types of RabbitMQ and its clients, which
/// differ from those of the AMQP 0-9-1 specification's first edition.
/// </summary>
/// <remarks>Source: RabbitMQ documentation, "AMQP 0-9-1 Errata", section 3.</remarks>
public enum FieldKind : byte
{
    /// <summary>No value (<c>V</c>).</summary>
    Void = (byte)'V',

    /// <summary>A truth value (<c>t</c>).</summary>
    Boolean = (byte)'t',

    /// <summary>A signed 8-bit integer (<c>b</c>).</summary>
    Int8 = (byte)'b',

    /// <summary>An unsigned 8-bit integer (<c>B</c>).</summary>
    UInt8 = (byte)'B',

    /// <summary>A signed 16-bit integer (<c>s</c>).</summary>
    Int16 = (byte)'s',

    /// <summary>An unsigned 16-bit integer (<c>u</c>).</summary>
    UInt16 = (byte)'u',

    /// <summary>A signed 32-bit integer (<c>I</c>).</summary>
    Int32 = (byte)'I',

    /// <summary>An unsigned 32-bit integer (<c>i</c>).</summary>
    UInt32 = (byte)'i',

    /// <summary>A signed 64-bit integer (<c>l</c>).</summary>
    Int64 = (byte)'l',

    /// <summary>A 32-bit floating-point number (<c>f</c>).</summary>
    Single = (byte)'f',

    /// <summary>A 64-bit floating-point number (<c>d</c>).</summary>
    Double = (byte)'d',

    /// <summary>A decimal number (<c>D</c>).</summary>
    Decimal = (byte)'D',

    /// <summary>A long string, usually UTF-8 text (<c>S</c>).</summary>
    LongString = (byte)'S',

    /// <summary>A list of values (<c>A</c>).</summary>
    Array = (byte)'A',

    /// <summary>Seconds since 1970 (<c>T</c>).</summary>
    Timestamp = (byte)'T',

    /// <summary>A nested field table (<c>F</c>).</summary>
    Table = (byte)'F',

    /// <summary>Bytes (<c>x</c>).</summary>
    Bytes = (byte)'x',
}
