using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>A queue and which messages, by id, it must get.</summary>
internal sealed record QueueExpectation(string Queue, Func<int, bool> Wants);

/// <summary>What queues held after messages had been published, against what they must hold.</summary>
/// <param name="Right">Deliveries as predicted.</param>
/// <param name="Wrong">Messages that were missing, and deliveries that nobody predicted.</param>
internal readonly record struct DeliveryCheck(int Right, int Wrong)
{
    public const string KeyHeader = "key";

    /// <summary>Publishes the messages by their routes, with the key as a header, then empties the queues and compares.</summary>
    public static async Task<DeliveryCheck> PublishAsync(
        TargetSession session, string exchange, IReadOnlyList<WorkloadMessage> messages, IReadOnlyList<QueueExpectation> queues, CancellationToken cancellationToken)
    {
        await Fill.ExchangeAsync(session, exchange, ToOutgoing(messages), cancellationToken).ConfigureAwait(false);
        DeliveryCheck sum = default;
        foreach (QueueExpectation queue in queues)
        {
            List<Delivery> deliveries = await Consume.DrainAsync(session.Exchanges, queue.Queue, cancellationToken).ConfigureAwait(false);
            DeliveryCheck one = Compare(messages.Count, queue.Wants, deliveries.Select(static delivery => TaggedBody.ReadId(delivery.Body)));
            sum = new DeliveryCheck(sum.Right + one.Right, sum.Wrong + one.Wrong);
        }

        return sum;
    }

    /// <summary>The messages as they are published: the body is the id alone, so that a user's large ones cost nothing here.</summary>
    public static IEnumerable<OutgoingMessage> ToOutgoing(IReadOnlyList<WorkloadMessage> messages)
    {
        Dictionary<string, MessageProperties> properties = [];
        for (int id = 0; id < messages.Count; id++)
        {
            if (!properties.TryGetValue(messages[id].Key, out MessageProperties? withKey))
                properties[messages[id].Key] = withKey = new MessageProperties { Headers = new Dictionary<string, object?> { [KeyHeader] = messages[id].Key } };
            yield return new OutgoingMessage(messages[id].Route, TaggedBody.Create(id), withKey);
        }
    }

    /// <summary>The messages as records: keyed, with the id alone as value.</summary>
    public static IEnumerable<ProducerRecord> ToRecords(string topic, IReadOnlyList<WorkloadMessage> messages)
        => messages.Select((message, id) => new ProducerRecord(topic, Encoding.UTF8.GetBytes(message.Key), TaggedBody.Create(id)));

    public static DeliveryCheck Compare(int count, Func<int, bool> wants, IEnumerable<int> delivered)
    {
        HashSet<int> missing = [.. Enumerable.Range(0, count).Where(wants)];
        int right = 0;
        int wrong = 0;
        foreach (int id in delivered)
        {
            if (missing.Remove(id))
                right++;
            else
                wrong++;
        }

        return new DeliveryCheck(right, wrong + missing.Count);
    }
}
