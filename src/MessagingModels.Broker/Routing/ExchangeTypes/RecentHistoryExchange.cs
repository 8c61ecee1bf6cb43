using MessagingModels.Broker.Queues;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To every destination bound; a new binding gets the last messages first (RabbitMQ's <c>rabbitmq_recent_history_exchange</c>).
/// <c>x-recent-history-length</c> says how many, 20 unless set; a message with the header <c>x-recent-history-no-store</c> is not kept.
/// The history lives in memory and is gone with the broker.
/// </summary>
internal sealed class RecentHistoryExchange : IExchangeType
{
    private const string LengthArgument = "x-recent-history-length";
    private const int DefaultLength = 20;

    public string Name => ExchangeType.RecentHistory;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange)
    {
        if (!exchange.Arguments.TryGetValue(LengthArgument, out object? argument))
            return new Router(DefaultLength);
        if (!HeaderValue.TryGetInteger(argument, out long length) || length is < 1 or > int.MaxValue)
        {
            string shown = argument switch
            {
                string text => $"<<\"{text}\">>",
                bool flag => flag ? "true" : "false",
                _ => HeaderValue.ToText(argument),
            };
            throw new ArgumentException($"Invalid argument {shown}, '{LengthArgument}' must be a positive integer");
        }

        return new Router((int)length);
    }

    private sealed class Router(int length) : IBuiltInRouter, IMessageHistory
    {
        private readonly List<Binding> _bindings = [];
        private readonly Queue<Message> _messages = [];
        private readonly Lock _lock = new();

        public bool ReadsProperties => false;

        public bool RoutesEachKey => false;

        public void Add(Binding binding) => _bindings.Add(binding);

        public void Remove(Binding binding) => _bindings.Remove(binding);

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            foreach (Binding binding in _bindings)
                matches.Add(binding);
        }

        public void Remember(in Message message)
        {
            var properties = new BasicPropertiesReader(message.Properties.Span);
            if (properties.TryGetHeader("x-recent-history-no-store"u8, out FieldValueView value) && value.Decode().TryGetBoolean(out bool noStore) && noStore)
                return;
            Message kept = message with { Body = message.Body.ToArray() };
            lock (_lock)
            {
                if (_messages.Count == length)
                    _messages.Dequeue();
                _messages.Enqueue(kept);
            }
        }

        public Message[] Recall()
        {
            lock (_lock)
                return [.. _messages];
        }
    }
}

/// <summary>A router that keeps messages for the bindings to come.</summary>
internal interface IMessageHistory
{
    /// <summary>Keeps a copy of a message that was published to the exchange. Called concurrently.</summary>
    void Remember(in Message message);

    /// <summary>The messages kept, oldest first.</summary>
    Message[] Recall();
}
