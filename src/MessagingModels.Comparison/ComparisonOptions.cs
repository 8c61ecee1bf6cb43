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

    /// <summary>Where a RabbitMQ broker is, as an <c>amqp://</c> URI; null to look for a Docker engine, then for <c>RABBITMQ_HOME</c> and the PATH.</summary>
    public string? RabbitMq { get; init; }

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
