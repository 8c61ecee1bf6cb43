using MessagingModels.Kafka.Administration;
using MessagingModels.Kafka.Clients;
using MessagingModels.Kafka.Consuming;
using MessagingModels.Kafka.Producing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Kafka;

/// <summary>
/// The log model over a Kafka cluster. Disposing it ends its own connections; producers and consumers are disposed by whoever created them,
/// before it. Safe for concurrent use.
/// </summary>
public sealed class KafkaLogBroker : ILogBroker
{
    private readonly KafkaOptions _options;
    private readonly ILogger _logger;
    private readonly ClusterAdmin _cluster;
    private readonly TopicAdmin _topics;
    private readonly GroupAdmin _groups;
    private readonly OffsetLookup _offsets;
    private readonly MessagingSystem _system;

    private KafkaLogBroker(KafkaOptions options, ILogger logger, ClusterAdmin cluster)
    {
        _options = options;
        _logger = logger;
        _cluster = cluster;
        _offsets = new OffsetLookup(cluster);
        _topics = new TopicAdmin(cluster, _offsets);
        _groups = new GroupAdmin(cluster, _offsets);
        _system = new MessagingSystem(MessagingTags.KafkaSystem)
        {
            Server = options.FindOnlyServer() is var (host, port) ? new ServerAddress(host, port) : null,
        };
    }

    /// <inheritdoc />
    public Capabilities<LogFeature> Capabilities => KafkaCapabilities.All;

    /// <summary>Connects to a cluster and waits for its answer.</summary>
    /// <param name="options">Where it is and how to reach it.</param>
    /// <param name="loggers">Where the client's log lines and errors go, or null for nowhere.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The broker.</returns>
    /// <exception cref="ArgumentException">An option is not legal, or the client does not know a setting.</exception>
    /// <exception cref="LogException">The cluster did not answer within <see cref="KafkaOptions.ConnectTimeout"/>, or refused the credentials; one line says why.</exception>
    public static async Task<KafkaLogBroker> ConnectAsync(
        KafkaOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("MessagingModels.Kafka");
        ClusterAdmin cluster = new(options, logger);
        try
        {
            ClientAdmin.DescribeClusterResult answer =
                await cluster.DescribeAsync(options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
            KafkaLog.Connected(logger, answer.ClusterId, answer.Nodes.Count, options.BootstrapServers);
            return new KafkaLogBroker(options, logger, cluster);
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public ILogProducer CreateProducer(ProducerOptions? options = null)
        => new ObservedProducer(new KafkaProducer(_options, options ?? new ProducerOptions(), _logger), _system);

    /// <inheritdoc />
    public ILogConsumer CreateConsumer(ConsumerOptions? options = null)
        => new ObservedConsumer(
            new KafkaConsumer(_options, options ?? new ConsumerOptions(), new ConsumerLookups(_topics, _groups, _offsets), _logger),
            _system);

    /// <inheritdoc />
    public ValueTask CreateTopicAsync(TopicSpecification topic, CancellationToken cancellationToken = default)
        => _topics.CreateAsync(topic, cancellationToken);

    /// <inheritdoc />
    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
        => _topics.DeleteAsync(topic, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default)
        => await _topics.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default)
        => _topics.DescribeAsync(topic, cancellationToken);

    /// <inheritdoc />
    public ValueTask AddPartitionsAsync(string topic, int totalPartitions, CancellationToken cancellationToken = default)
        => _topics.AddPartitionsAsync(topic, totalPartitions, cancellationToken);

    /// <inheritdoc />
    public ValueTask AlterTopicConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default)
        => _topics.AlterConfigurationAsync(topic, changes, cancellationToken);

    /// <inheritdoc />
    public ValueTask<Offset> DeleteRecordsAsync(TopicPartition partition, Offset? before, CancellationToken cancellationToken = default)
        => _offsets.DeleteRecordsAsync(partition, before, cancellationToken);

    /// <inheritdoc />
    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => _offsets.GetRangeAsync(partition, cancellationToken);

    /// <inheritdoc />
    public ValueTask<Offset?> FindOffsetAsync(TopicPartition partition, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => _offsets.FindAsync(partition, timestamp, cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<GroupListing>> ListGroupsAsync(CancellationToken cancellationToken = default)
        => _groups.ListAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<GroupDescription> DescribeGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => _groups.DescribeAsync(groupId, cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<TopicPartitionOffset>> ResetGroupOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, OffsetTarget target, CancellationToken cancellationToken = default)
        => _groups.ResetOffsetsAsync(groupId, partitions, target, cancellationToken);

    /// <inheritdoc />
    public ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => _groups.DeleteAsync(groupId, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>Asks the cluster who it is.</summary>
    /// <exception cref="LogException">It did not answer in time.</exception>
    internal async Task<int> CountBrokersAsync(TimeSpan timeout, CancellationToken cancellationToken)
        => (await _cluster.DescribeAsync(timeout, cancellationToken).ConfigureAwait(false)).Nodes.Count;
}
