namespace MessagingModels;

/// <summary>What a broker of the exchange model may offer or not; see <see cref="IExchangeBroker.Capabilities"/>.</summary>
public enum ExchangeFeature
{
    /// <summary>Exchanges of the types direct, fanout, topic and headers.</summary>
    StandardExchanges,
    /// <summary>Exchanges of the type <see cref="ExchangeType.ConsistentHash"/>.</summary>
    ConsistentHashExchanges,
    /// <summary>Exchanges of the type <see cref="ExchangeType.ModulusHash"/>.</summary>
    ModulusHashExchanges,
    /// <summary>Exchanges of the type <see cref="ExchangeType.Random"/>.</summary>
    RandomExchanges,
    /// <summary>Exchanges of the type <see cref="ExchangeType.RecentHistory"/>.</summary>
    RecentHistoryExchanges,
    /// <summary>Exchanges of the type <see cref="ExchangeType.DelayedMessage"/>.</summary>
    DelayedMessageExchanges,
    /// <summary>Exchange types of the caller's own.</summary>
    OwnExchangeTypes,
    /// <summary>Bindings from exchange to exchange.</summary>
    ExchangeBindings,
    /// <summary>Bindings from an exchange to a topic of the log model.</summary>
    TopicBindings,
    /// <summary>Queues of the type <see cref="QueueType.Classic"/>.</summary>
    ClassicQueues,
    /// <summary>Queues of the type <see cref="QueueType.Quorum"/>.</summary>
    QuorumQueues,
    /// <summary>Queues of the type <see cref="QueueType.Stream"/>.</summary>
    Streams,
    /// <summary>Delayed retry of quorum queues (<c>x-delayed-retry-type</c>).</summary>
    DelayedRetry,
    /// <summary>Confirms of publishes.</summary>
    PublisherConfirms,
    /// <summary>Mandatory messages that come back where they have no queue to go to.</summary>
    Returns,
    /// <summary>Transactions of a channel (<c>tx.select</c>).</summary>
    ChannelTransactions,
    /// <summary>Replies without a queue (<c>amq.rabbitmq.reply-to</c>).</summary>
    DirectReplyTo,
    /// <summary>A limit on unacknowledged deliveries over all consumers of a channel.</summary>
    ChannelPrefetch,
    /// <summary>How often a message was delivered before, as a number.</summary>
    DeliveryCount,
    /// <summary>The declaration and policy of an existing exchange, and the lists of exchanges and bindings.</summary>
    ExchangeDescriptions,
    /// <summary>The declaration, policy and unacknowledged messages of an existing queue, and the list of queues.</summary>
    QueueDescriptions,
    /// <summary>Policies: setting, deleting and listing them.</summary>
    Policies,
}
