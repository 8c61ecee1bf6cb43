using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Transactions;

/// <summary>Joins the transaction coordinator to those who take part in transactions: partitions and groups.</summary>
internal static class TransactionWiring
{
    /// <summary>Opens the coordinator. From then on partitions and groups take part only in transactions that are open.</summary>
    public static async ValueTask<TransactionCoordinator> OpenAsync(BrokerContext context, TopicRegistry topics, GroupCoordinator groups)
    {
        TransactionCoordinator coordinator = await TransactionCoordinator.OpenAsync(context, WriteMarkerAsync).ConfigureAwait(false);
        topics.TransactionGate = coordinator.CheckPartition;

        // The files of a partition may come from another broker, with producers that this one never gave an id.
        coordinator.SkipProducerIdsTo(topics.Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.MaxProducerId).DefaultIfEmpty(-1).Max());
        groups.TransactionGate = (producerId, epoch) => coordinator.CheckPartition(GroupStore.Partition, producerId, epoch);
        return coordinator;

        ValueTask WriteMarkerAsync(TopicPartition partition, ProducerIdentity producer, int coordinatorEpoch, bool commit)
            => partition == GroupStore.Partition
                ? groups.CompleteTransactionAsync(producer.ProducerId, producer.Epoch, coordinatorEpoch, commit, CancellationToken.None)
                : topics.Get(partition).AppendMarkerAsync(producer.ProducerId, producer.Epoch, coordinatorEpoch, commit);
    }
}
