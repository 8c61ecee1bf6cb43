using System.Collections.Concurrent;
using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Producing;

/// <summary>
/// The topics a producer writes to. The adapter looks them up itself: a partitioner needs the number of partitions, and the library's own
/// look-up would create a missing topic where the cluster allows it. Thread-safe.
/// </summary>
internal sealed class ProducerTopics : IDisposable
{
    private readonly IAdminClient _client;
    private readonly ConcurrentDictionary<string, ProducerTopic> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<ProducerTopic>> _underWay = new(StringComparer.Ordinal);
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _lifetime;
    private readonly int _batchBytes;
    private ProducerTopic? _last;

    /// <param name="producer">The producer, whose connections the look-ups share.</param>
    /// <param name="options">The time limits.</param>
    /// <param name="batchBytes">How much goes to one partition before the next one's turn.</param>
    public ProducerTopics(Handle producer, KafkaOptions options, int batchBytes)
    {
        _client = new DependentAdminClientBuilder(producer).Build();
        _timeout = options.RequestTimeout;
        _lifetime = options.MetadataRefreshInterval;
        _batchBytes = batchBytes;
    }

    /// <summary>A topic that was looked up before, or null. One that is due is looked up again beside this.</summary>
    public ProducerTopic? Find(string name)
    {
        ProducerTopic? topic = Volatile.Read(ref _last);
        if (topic is null || topic.Name != name)
        {
            if (!_known.TryGetValue(name, out topic))
                return null;
            Volatile.Write(ref _last, topic);
        }

        if (topic.IsExpired)
            Refresh(name);
        return topic;
    }

    /// <summary>Looks a topic up.</summary>
    /// <exception cref="LogException">There is none, or no answer in time.</exception>
    public Task<ProducerTopic> LookUpAsync(string name)
        => _underWay.TryGetValue(name, out Task<ProducerTopic>? task) ? task : StartLookUp(name);

    /// <summary>Forgets a topic that seems to be gone.</summary>
    public void Forget(string name)
    {
        _known.TryRemove(name, out _);
        Volatile.Write(ref _last, null);
    }

    public void Dispose() => _client.Dispose();

    private void Refresh(string name)
    {
        if (_underWay.ContainsKey(name))
            return;

        // Where it fails, records go on as before and the brokers say what is wrong with them.
        TaskWaits.Leave(StartLookUp(name));
    }

    private Task<ProducerTopic> StartLookUp(string name)
    {
        TaskCompletionSource<ProducerTopic> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<ProducerTopic> task = _underWay.GetOrAdd(name, found.Task);
        if (task == found.Task)
            _ = RunLookUpAsync(name, found);
        return task;
    }

    private async Task RunLookUpAsync(string name, TaskCompletionSource<ProducerTopic> found)
    {
        try
        {
            ProducerTopic topic = await RequestAsync(name).ConfigureAwait(false);
            _known[name] = topic;
            Volatile.Write(ref _last, topic);
            _underWay.TryRemove(name, out _);
            found.SetResult(topic);
        }
        catch (Exception exception)
        {
            // Thrown to whoever waits for the topic.
            if (exception is LogException { ErrorCode: LogErrorCode.UnknownTopicOrPartition })
                Forget(name);
            _underWay.TryRemove(name, out _);
            found.SetException(exception);
        }
    }

    private async Task<ProducerTopic> RequestAsync(string name)
    {
        try
        {
            ClientAdmin.DescribeTopicsResult answer = await _client.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([name]), new ClientAdmin.DescribeTopicsOptions { RequestTimeout = _timeout }).ConfigureAwait(false);
            int partitions = answer.TopicDescriptions[0].Partitions.Count;
            if (!_known.TryGetValue(name, out ProducerTopic? before) || before.PartitionCount != partitions)
            {
                // The library must know the partitions too before it takes records for them; this call blocks until it does.
                await Task.Factory.StartNew(
                    () => _client.GetMetadata(name, _timeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }

            return new ProducerTopic(name, partitions, _batchBytes, _lifetime);
        }
        catch (KafkaException exception)
        {
            throw exception.ToException($"Topic '{name}'");
        }
    }
}
