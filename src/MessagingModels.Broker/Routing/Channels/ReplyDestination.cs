using System.Buffers.Text;
using System.Security.Cryptography;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>
/// A channel that waits for direct replies (RabbitMQ's <c>amq.rabbitmq.reply-to</c>): found by a name that nobody can guess. Replies go
/// straight into the consumer's buffer and are dropped where it is full or gone, as nothing stores them.
/// </summary>
internal sealed class ReplyDestination(string name, int index, ChannelConsumer consumer) : Destination(name, index)
{
    private const int TokenBytes = 16;

    private readonly Lock _writing = new();

    public static ReplyDestination Create(VirtualHost host, ChannelConsumer consumer)
    {
        string name = $"{PublishedProperties.DirectReplyQueue}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes))}";
        return host.AddReplyDestination(name, index => new ReplyDestination(name, index, consumer));
    }

    public override void Publish(in Message message, IPublishOrigin? origin, ulong sequence)
    {
        QueueDelivery delivery = new(message with { Body = message.Body.ToArray() }, 0, 0, false);
        lock (_writing)
        {
            if (consumer.TryReserve(consumer.Registration))
                consumer.Deliver(consumer.Registration, delivery);
        }

        origin?.OnStored(sequence);
    }
}
