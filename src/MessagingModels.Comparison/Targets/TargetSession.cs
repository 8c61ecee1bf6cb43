using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// Brokers opened for one measurement. Names of topics, queues, exchanges and groups go through it: brokers that are shared by several
/// sessions get a prefix, so that no session meets what another left. Disposal closes the clients and removes what was declared.
/// </summary>
internal abstract class TargetSession(Durability durability, string prefix) : IAsyncDisposable
{
    public Durability Durability => durability;

    /// <exception cref="NotSupportedException">The target has no log model.</exception>
    public virtual ILogBroker Log => throw new NotSupportedException("This target does not offer the log model.");

    /// <exception cref="NotSupportedException">The target has no exchange model.</exception>
    public virtual IExchangeBroker Exchanges => throw new NotSupportedException("This target does not offer the exchange model.");

    /// <summary>The exchange model over another connection, for consumers: a broker that throttles a publisher does not read that publisher's connection.</summary>
    /// <exception cref="NotSupportedException">The target has no exchange model.</exception>
    public virtual IExchangeBroker ConsumingExchanges => Exchanges;

    /// <summary>The durability and how the system gives it, to be named beside figures.</summary>
    public virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["durability"] = durability.ToString() };

    /// <summary>The properties that make a message as durable as the session.</summary>
    public virtual MessageProperties Properties => durability == Durability.Memory ? MessageProperties.Empty : MessageProperties.PersistentOnly;

    /// <summary>How a producer is set that is after throughput: by the system's own defaults.</summary>
    public virtual ProducerOptions ThroughputProducer { get; } = new();

    /// <summary>A name of this session.</summary>
    public string Name(string name) => prefix + name;

    /// <summary>Creates a topic with the session's durability.</summary>
    /// <returns>Its name on the broker.</returns>
    public virtual async Task<string> CreateTopicAsync(
        string name, int partitions, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? configuration = null)
    {
        TopicSpecification topic = new(Name(name), partitions) { Configuration = configuration ?? new Dictionary<string, string>() };
        await Log.CreateTopicAsync(topic, cancellationToken).ConfigureAwait(false);
        return topic.Name;
    }

    /// <summary>Declares a queue with the session's durability.</summary>
    /// <param name="name">Its name in the session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="durable">False for a queue that ends with the broker.</param>
    /// <param name="type">One of <see cref="QueueType"/>, or null for the type that goes with the durability.</param>
    /// <returns>Its name on the broker.</returns>
    public virtual async Task<string> DeclareQueueAsync(string name, CancellationToken cancellationToken, bool durable = true, string? type = null)
    {
        QueueDeclaration queue = new(Name(name)) { Durable = durable, Arguments = new QueueArguments { QueueType = type } };
        await Exchanges.DeclareQueueAsync(queue, cancellationToken).ConfigureAwait(false);
        return queue.Name;
    }

    /// <summary>Declares an exchange.</summary>
    /// <returns>Its name on the broker.</returns>
    public virtual async Task<string> DeclareExchangeAsync(string name, string type, CancellationToken cancellationToken)
    {
        await Exchanges.DeclareExchangeAsync(Name(name), type, cancellationToken).ConfigureAwait(false);
        return Name(name);
    }

    /// <summary>The size of all files of the broker's data directories now; null where this run cannot look into them.</summary>
    public virtual long? ReadStoredBytes() => null;

    /// <summary>Stops the brokers in good order and starts them again on what they kept.</summary>
    /// <exception cref="NotSupportedException">This run did not start them.</exception>
    public abstract Task RestartAsync(CancellationToken cancellationToken);

    /// <summary>How soon a group finds out that a member died.</summary>
    public virtual TimeSpan SessionTimeout => TimeSpan.FromMilliseconds(400);

    /// <summary>True where responses can get lost on their way to the client.</summary>
    public virtual bool LosesResponses => false;

    /// <summary>Sends something whose response gets lost on the way: what the broker was asked to do is done, and the client does not learn of it.</summary>
    /// <param name="send">Sends; may fail for want of the response.</param>
    /// <param name="untilGivenUp">True to lose every response until the sender gives up; false to lose one and let the next through.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True where the client's library had its response in the end, by sending the same again; false where it gave up.</returns>
    /// <exception cref="NotSupportedException">No response of this session can be lost on purpose.</exception>
    public virtual Task<bool> LoseResponseAsync(Func<Task> send, bool untilGivenUp, CancellationToken cancellationToken)
        => throw new NotSupportedException("a response that gets lost needs a socket to be lost on");

    /// <summary>Has a producer send a record, lose the response and send the same batch again, numbered as before where it is idempotent.</summary>
    /// <exception cref="NotSupportedException">No response of this session can be lost on purpose.</exception>
    /// <exception cref="InvalidOperationException">The client gave up and did not send again.</exception>
    public virtual async Task ResendAsync(ILogProducer producer, ProducerRecord record, CancellationToken cancellationToken)
    {
        if (!await LoseResponseAsync(async () => await producer.ProduceAsync(record, cancellationToken).ConfigureAwait(false), untilGivenUp: false, cancellationToken).ConfigureAwait(false))
            throw new InvalidOperationException("The client's library gave up where it should have sent the same batch again.");
    }

    public abstract ValueTask DisposeAsync();
}
