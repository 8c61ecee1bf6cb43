using System.Globalization;

namespace MessagingModels.Kafka.Clients;

/// <summary>Translates the API's options into librdkafka's settings. What <see cref="KafkaOptions.Settings"/> names wins.</summary>
internal static class ClientSettings
{
    /// <summary>Batches of one API option hold as many records as fit: the byte limit decides.</summary>
    private const int BatchRecords = 100_000;

    /// <summary>A consumer that caught up with its prefetch buffer goes on fetching after this long (librdkafka waits a second).</summary>
    private const int FetchBackoffMs = 20;

    /// <summary>
    /// How long a broker holds a fetch that finds nothing. Its empty answer is what tells of the end past control records, so it is a fifth of
    /// the library's own.
    /// </summary>
    private const int FetchWaitMs = 100;

    /// <summary>Settings of a client for administration.</summary>
    public static Dictionary<string, string> ForAdmin(KafkaOptions options) => Finish(options, Basics(options, "mm-admin"));

    /// <summary>Settings of a client that asks a group's coordinator and does not join the group.</summary>
    public static Dictionary<string, string> ForGroup(KafkaOptions options, string groupId)
    {
        Dictionary<string, string> settings = Basics(options, "mm-admin");
        settings["group.id"] = groupId;
        settings["enable.auto.commit"] = "false";
        return Finish(options, settings);
    }

    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    public static Dictionary<string, string> ForProducer(KafkaOptions kafka, ProducerOptions options)
    {
        ThrowIfContradictory(options);
        Dictionary<string, string> settings = Basics(kafka, options.ClientId);
        TimeSpan delivery = options.DeliveryTimeout;
        if (options.TransactionalId is { } id)
        {
            settings["transactional.id"] = id;
            settings["transaction.timeout.ms"] = Ms(options.TransactionTimeout);

            // A record must not outlive its transaction; librdkafka refuses the pair otherwise.
            delivery = delivery < options.TransactionTimeout ? delivery : options.TransactionTimeout;
        }

        settings["acks"] = Number((int)options.Acks);
        settings["enable.idempotence"] = options.Idempotence && options.Acks == Acks.All ? "true" : "false";
        settings["message.timeout.ms"] = Ms(delivery);
        settings["linger.ms"] = options.Linger.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
        settings["batch.size"] = Number(Math.Max(1, options.BatchSizeBytes));
        settings["batch.num.messages"] = Number(BatchRecords);
        settings["message.max.bytes"] = Number(Math.Max(1000, options.MaxRequestSizeBytes));
        settings["compression.type"] = options.Compression.ToString().ToLowerInvariant();

        // The adapter counts the buffer itself so that a full one is awaited; librdkafka's own limits stay out of the way.
        settings["queue.buffering.max.kbytes"] = Number(Math.Clamp((options.BufferMemoryBytes / 1024) + 1024, 1024, int.MaxValue));
        settings["queue.buffering.max.messages"] = "0";
        settings["dotnet.producer.delivery.report.fields"] = "timestamp";
        return Finish(kafka, settings);
    }

    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    public static Dictionary<string, string> ForConsumer(KafkaOptions kafka, ConsumerOptions options)
    {
        ConsumerOptions.ThrowIfContradictory(options);
        Dictionary<string, string> settings = Basics(kafka, options.ClientId);

        // librdkafka wants a group id of every consumer; it is not used without a subscription or a commit.
        settings["group.id"] = options.GroupId ?? options.ClientId;
        if (options.GroupInstanceId is { } instance)
            settings["group.instance.id"] = instance;
        if (kafka.Settings.GetValueOrDefault("group.protocol") != "consumer")
        {
            // In the group protocol of KIP-848 the broker decides on these.
            settings["partition.assignment.strategy"] = string.Join(',', Strategies(options.AssignmentStrategies));
            settings["session.timeout.ms"] = Ms(options.SessionTimeout);
            settings["heartbeat.interval.ms"] = Ms(options.HeartbeatInterval);
        }

        settings["max.poll.interval.ms"] = Ms(Max(options.MaxPollInterval, options.SessionTimeout));
        settings["auto.offset.reset"] = options.OffsetReset switch
        {
            OffsetReset.Earliest => "earliest",
            OffsetReset.Latest => "latest",
            _ => "error",
        };
        settings["isolation.level"] = options.IsolationLevel == IsolationLevel.ReadCommitted ? "read_committed" : "read_uncommitted";
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["enable.partition.eof"] = "true";
        settings["fetch.max.bytes"] = Number(options.FetchMaxBytes);
        settings["message.max.bytes"] = Number(Math.Clamp(options.FetchMaxBytes, 1000, 1_000_000));
        settings["max.partition.fetch.bytes"] = Number(options.MaxPartitionFetchBytes);
        settings["receive.message.max.bytes"] = Number(Math.Max(100_000_000, options.FetchMaxBytes + 1024L));
        settings["fetch.wait.max.ms"] = Number(FetchWaitMs);
        settings["fetch.queue.backoff.ms"] = Number(FetchBackoffMs);
        return Finish(kafka, settings);
    }

    /// <summary>
    /// The strategies in librdkafka's words. It cannot hold eager and cooperative ones in one list; a list that mixes them is eager in Kafka
    /// too (KIP-429), so the eager ones are what its members would use.
    /// </summary>
    public static IReadOnlyList<string> Strategies(IReadOnlyList<string> names)
        => names.All(n => n == AssignmentStrategy.CooperativeSticky) ? names : [.. names.Where(n => n != AssignmentStrategy.CooperativeSticky)];

    private static Dictionary<string, string> Basics(KafkaOptions options, string clientId) => new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = options.BootstrapServers,
        ["client.id"] = clientId,
        ["topic.metadata.refresh.interval.ms"] = Ms(options.MetadataRefreshInterval),

        // Brokers close idle connections (connections.max.idle.ms); that is no error.
        ["log.connection.close"] = "false",
    };

    private static Dictionary<string, string> Finish(KafkaOptions options, Dictionary<string, string> settings)
    {
        foreach ((string name, string value) in options.Settings)
            settings[Canonical(name)] = value;
        return settings;
    }

    /// <summary>One name for settings that have two, so that the caller's wins.</summary>
    private static string Canonical(string name) => name switch
    {
        "request.required.acks" => "acks",
        "queue.buffering.max.ms" => "linger.ms",
        "delivery.timeout.ms" => "message.timeout.ms",
        "compression.codec" => "compression.type",
        "fetch.message.max.bytes" => "max.partition.fetch.bytes",
        _ => name,
    };

    private static void ThrowIfContradictory(ProducerOptions options)
    {
        if (options.TransactionalId is not null && (options.Acks != Acks.All || !options.Idempotence))
            throw new ArgumentException("A producer with a TransactionalId needs Acks.All and Idempotence.", nameof(options));
        if (options.TransactionalId is { Length: 0 })
            throw new ArgumentException("TransactionalId is empty; name it, or leave it null.", nameof(options));
        if (options.BatchSizeBytes < 0 || options.Linger < TimeSpan.Zero || options.BufferMemoryBytes <= 0 || options.MaxRequestSizeBytes <= 0)
            throw new ArgumentException("BatchSizeBytes and Linger must not be negative; BufferMemoryBytes and MaxRequestSizeBytes must be positive.", nameof(options));
        if (options.DeliveryTimeout <= options.Linger || (options.TransactionalId is not null && options.TransactionTimeout <= options.Linger))
            throw new ArgumentException($"DeliveryTimeout ({options.DeliveryTimeout}) and TransactionTimeout ({options.TransactionTimeout}) must be longer than Linger ({options.Linger}).", nameof(options));
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Ms(TimeSpan time) => Number((long)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
