using System.Collections.Concurrent;
using System.Text;
using MessagingModels.Broker.Queues;
using MessagingModels.Formats.Properties;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// Publishes dead letters to the dead-letter exchange of the queue they leave, with the record of their deaths. A message that went round
/// without anybody rejecting it is not given to a queue it died in before. Called by queues' loops, several at a time.
/// </summary>
internal sealed partial class DeadLetterRouting(VirtualHost host, TimeProvider time, ILogger logger) : IDeadLetterTarget
{
    private readonly ConcurrentQueue<MessageRouter> _routers = new();

    public void DeadLetter(in Message message, string reason, Queue from, int deliveryCount, IPublishOrigin? origin, ulong sequence)
    {
        string? name = from.Settings.DeadLetterExchange;
        Exchange? exchange = string.IsNullOrEmpty(name) ? null : host.FindExchange(name);
        if (name is null || (exchange is null && name.Length > 0))
        {
            origin?.OnRefused(sequence, null);
            return;
        }

        MessageRouter router = _routers.TryDequeue(out MessageRouter? pooled) ? pooled : new MessageRouter(host);
        Message letter;
        bool wasRouted;
        try
        {
            letter = Route(router, exchange, message, reason, from);
            wasRouted = router.WasRouted;
        }
        catch (Exception error)
        {
            // A user's exchange type failed, or a client sent headers that are none: the loop that called must not end with it.
            LogNotRouted(logger, from.Name, host.Name, error);
            origin?.OnRefused(sequence, error);
            return;
        }

        Publish(router, letter, wasRouted, origin, sequence);
        _routers.Enqueue(router);
    }

    private Message Route(MessageRouter router, Exchange? exchange, in Message message, string reason, Queue from)
    {
        QueueSettings settings = from.Settings;
        DeathHistory history = RecordDeath(message, reason, from);
        Message letter = message with
        {
            Exchange = exchange?.Name ?? "",
            RoutingKey = settings.DeadLetterRoutingKey ?? message.RoutingKey,
            Properties = PropertiesCodec.WithHeaders(message.Properties.Span, history.Headers, withoutExpiration: true),
            ExpirationMs = Message.NoExpiration,
            HasDied = true,
            IgnoresCopies = message.IgnoresCopies || settings.DeadLetterRoutingKey is not null,
            PublishedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Payload = default,
        };
        router.Route(exchange, letter, null);
        if (reason != DeadLetterReason.Rejected)
            router.RemoveWhere(static (destination, history) => history.IsCycle(destination.Name), history);
        return letter;
    }

    private static void Publish(MessageRouter router, in Message letter, bool wasRouted, IPublishOrigin? origin, ulong sequence)
    {
        int count = router.Destinations.Length;
        if (origin is null)
            router.PublishToAll(letter, null, 0);
        else if (count > 0)
            router.PublishToAll(letter, new JoinedOrigin(origin, sequence, count), sequence);
        else if (wasRouted)
            origin.OnStored(sequence);
        else
            origin.OnRefused(sequence, null);
    }

    private DeathHistory RecordDeath(in Message message, string reason, Queue from)
    {
        var properties = new BasicPropertiesReader(message.Properties.Span);
        FieldTable headers = properties.TryGetHeaders(out ReadOnlySpan<byte> table) ? FieldTable.Decode(table) : [];
        string? expiration = properties.TryGetShortString(BasicPropertyFlags.Expiration, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;
        DeathHistory history = new(headers, message.HasDied);
        history.Add(new Death(from.Name, reason, time.GetUtcNow(), message.Exchange, RoutingKeysOf(message, headers), expiration));
        return history;
    }

    private static List<string> RoutingKeysOf(in Message message, FieldTable headers)
    {
        List<string> keys = [message.RoutingKey];
        if (!message.IgnoresCopies && headers.TryGetValue("CC", out FieldValue copies) && copies.TryGetArray(out ReadOnlyMemory<FieldValue> items))
        {
            foreach (FieldValue item in items.Span)
            {
                if (item.TryGetText(out string? key))
                    keys.Add(key);
            }
        }

        return keys;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A dead letter of queue '{Queue}' in virtual host '{VirtualHost}' could not be routed")]
    private static partial void LogNotRouted(ILogger logger, string queue, string virtualHost, Exception error);
}
