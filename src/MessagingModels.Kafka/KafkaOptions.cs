using System.Globalization;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka;

/// <summary>How to reach a Kafka cluster.</summary>
public sealed class KafkaOptions
{
    /// <summary>The brokers asked first, as <c>HOST:PORT[,HOST:PORT]</c>; they name the others.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Settings of librdkafka under its own names (<c>security.protocol</c>, <c>sasl.username</c>, <c>socket.keepalive.enable</c>, ...), given
    /// to every client. They win over what <see cref="ProducerOptions"/>, <see cref="ConsumerOptions"/> and the other settings here give the
    /// same name. The few that the adapter relies on are refused by <see cref="Validate"/>, with what to set instead.
    /// </summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>How long connecting waits for the cluster to answer.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request of administration, a commit or a step of a transaction waits for its answer, retries included.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long disposing a consumer waits until its partitions are given back and its group is left, and disposing a producer until it is closed
    /// once its records were acknowledged or have failed. Disposing then completes all the same: what is still under way ends in the background, and
    /// a warning is logged.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a health check waits for the cluster to answer.</summary>
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How often clients ask for new topics and partitions. Shorter than Kafka's five minutes, so that a subscriber soon reads topics that
    /// were created after it subscribed.
    /// </summary>
    public TimeSpan MetadataRefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long subscribing waits for the first assignment; it then goes on without, and the partitions come with a later read.
    /// A cluster holds the first rebalance of a group back for three seconds (<c>group.initial.rebalance.delay.ms</c>).
    /// </summary>
    public TimeSpan FirstAssignmentTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Looks for settings that are not legal.</summary>
    /// <returns>A sentence for each; none where all is well.</returns>
    public IReadOnlyList<string> Validate()
    {
        List<string> failures = [];
        ValidateServers(failures);
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(RequestTimeout, nameof(RequestTimeout));
        Positive(CloseTimeout, nameof(CloseTimeout));
        Positive(HealthTimeout, nameof(HealthTimeout));
        Positive(MetadataRefreshInterval, nameof(MetadataRefreshInterval));
        Positive(FirstAssignmentTimeout, nameof(FirstAssignmentTimeout));
        foreach ((string name, string value) in Settings)
        {
            if (string.IsNullOrWhiteSpace(name))
                failures.Add("Settings holds an empty name.");
            else if (value is null)
                failures.Add($"Settings[\"{name}\"] is null; leave it out for the client's default.");
            else if (ReservedSettings.FindFault(name) is { } fault)
                failures.Add($"Settings[\"{name}\"] cannot be set: {fault}.");
        }

        return failures;

        void Positive(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero || value.TotalMilliseconds > int.MaxValue)
                failures.Add($"{name} ({value}) must be more than zero and at most {int.MaxValue} ms.");
        }
    }

    /// <exception cref="ArgumentException">A setting is not legal.</exception>
    internal void ThrowIfInvalid()
    {
        if (Validate() is { Count: > 0 } failures)
            throw new ArgumentException(string.Join(" ", failures));
    }

    /// <summary>The address that stands for the cluster; null where it has several: which broker serves a record the client does not tell.</summary>
    internal (string Host, int Port)? FindOnlyServer()
    {
        const int UsualPort = 9092;
        string address = BootstrapServers[(BootstrapServers.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0)..].Trim();
        return !address.Contains(',') && Uri.TryCreate($"kafka://{address}", UriKind.Absolute, out Uri? server)
            ? (server.IdnHost, server.Port > 0 ? server.Port : UsualPort)
            : null;
    }

    private void ValidateServers(List<string> failures)
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers))
        {
            failures.Add("BootstrapServers is empty; name at least one broker as HOST:PORT.");
            return;
        }

        foreach (string server in BootstrapServers.Split(','))
        {
            // A listener's name may stand before the address (SASL_SSL://host:9093).
            string address = server.Trim();
            int scheme = address.IndexOf("://", StringComparison.Ordinal);
            address = scheme < 0 ? address : address[(scheme + 3)..];
            int colon = address.LastIndexOf(':');
            bool hasPort = colon > 0 && address[^1] != ']' && !(address[0] != '[' && address.IndexOf(':', StringComparison.Ordinal) < colon);
            if (address.Length == 0 || colon == 0)
                failures.Add($"BootstrapServers holds '{server}', which names no host; write HOST:PORT.");
            else if (hasPort && !(int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                && port is > 0 and <= ushort.MaxValue))
                failures.Add($"BootstrapServers holds '{server}', whose port is no number from 1 to {ushort.MaxValue}; write HOST:PORT.");
        }
    }
}
