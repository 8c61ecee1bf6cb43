using System.Globalization;

namespace MessagingModels.Provisioning.Kafka;

/// <summary>Where a broker listens.</summary>
/// <param name="Host">Its name or IP address; one of IPv6 without brackets.</param>
/// <param name="Port">Its port.</param>
internal readonly record struct KafkaAddress(string Host, int Port)
{
    private const int DefaultPort = 9092;

    /// <summary>Reads <c>HOST[:PORT][,HOST[:PORT]]</c>; an IPv6 address stands in brackets, and a listener's protocol may stand before each (<c>SASL_SSL://</c>).</summary>
    /// <exception cref="BrokerUnavailableException">It is something else.</exception>
    public static IReadOnlyList<KafkaAddress> ParseAll(string servers)
    {
        string[] parts = servers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length > 0 ? [.. parts.Select(part => Parse(part) ?? throw Malformed(servers))] : throw Malformed(servers);
    }

    /// <summary>As clients take it.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static KafkaAddress? Parse(string server)
    {
        int scheme = server.IndexOf("://", StringComparison.Ordinal);
        string address = scheme < 0 ? server : server[(scheme + 3)..];
        int end = address.StartsWith('[') ? address.IndexOf(']', StringComparison.Ordinal) + 1 : address.IndexOf(':', StringComparison.Ordinal);
        if (end < 0)
            end = address.Length;
        string host = address[..end].Trim('[', ']');
        string rest = address[end..];
        if (host.Length == 0 || host.ContainsAny(' ', '/', '@'))
            return null;
        if (rest.Length == 0)
            return new KafkaAddress(host, DefaultPort);
        return rest[0] == ':' && int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= ushort.MaxValue
            ? new KafkaAddress(host, port)
            : null;
    }

    /// <summary>What was given may hold a password by mistake, as other addresses do: show only what follows it.</summary>
    private static BrokerUnavailableException Malformed(string servers)
        => new($"The Kafka address '{servers[(servers.LastIndexOf('@') + 1)..]}' is not HOST:PORT[,HOST:PORT]; write for example 127.0.0.1:9092 or [::1]:9092.");
}
