namespace MessagingModels.Comparison;

/// <summary>Settings of a comparison run.</summary>
public sealed record ComparisonOptions
{
    /// <summary>True for short windows and a small backlog: less than 30 s in all, with a wider spread.</summary>
    public bool Quick { get; init; }

    /// <summary>How many windows each throughput figure is the median of; at least 1.</summary>
    public int Repeat { get; init; } = 3;

    /// <summary>Names of the experiments to run, as in <see cref="ComparisonRunner.Experiments"/>; empty for all.</summary>
    public IReadOnlyList<string> Experiments { get; init; } = [];

    /// <summary>Names of the systems to run on: "native", "kafka", "rabbitmq"; empty for all that can be had without asking the user.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Where a Kafka cluster is, HOST:PORT[,HOST:PORT]; null to look for a Docker engine, then for <c>KAFKA_HOME</c>.</summary>
    public string? Kafka { get; init; }

    /// <summary>
    /// What clients of <see cref="Kafka"/> have to be set to, under librdkafka's names (<c>security.protocol</c>, <c>sasl.username</c>, ...). Reports show
    /// their values only where they cannot be secret.
    /// </summary>
    public IReadOnlyDictionary<string, string> KafkaSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Where a RabbitMQ broker is, as an <c>amqp://</c> URI; null to look for a Docker engine, then for <c>RABBITMQ_HOME</c> and the PATH.</summary>
    public string? RabbitMq { get; init; }

    /// <summary>The management API of <see cref="RabbitMq"/>, as an <c>http(s)://</c> URI; null for that on its usual port, where it answers.</summary>
    public string? RabbitMqManagement { get; init; }

    /// <summary>A PEM file with the authorities that <see cref="RabbitMq"/> may have its certificate from; null for those that the machine trusts.</summary>
    public string? RabbitMqAuthorities { get; init; }

    /// <summary>True to start real brokers as local processes, even where a Docker engine answers: only those can be killed, restarted and measured.</summary>
    public bool WithoutContainers { get; init; }

    /// <summary>A file of JSON lines that serve as messages, or null for a generated workload.</summary>
    public string? MessagesFile { get; init; }

    /// <summary>The field of each line that holds the partition key; needed with <see cref="MessagesFile"/>.</summary>
    public string? KeyField { get; init; }

    /// <summary>The field of each line that holds the routing key; needed with <see cref="MessagesFile"/>.</summary>
    public string? RouteField { get; init; }

    /// <summary>True to stop at the first line that cannot be used; false to leave it out and report its number.</summary>
    public bool Strict { get; init; }

    /// <summary>Below which directory data directories are made and removed again; null for the system's temporary directory.</summary>
    public string? WorkDirectory { get; init; }
}
