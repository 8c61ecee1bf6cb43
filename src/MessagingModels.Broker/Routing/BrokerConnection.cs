namespace MessagingModels.Broker.Routing;

/// <summary>Who uses a virtual host: an embedded client or a network connection. Exclusive queues belong to one and go with it.</summary>
/// <param name="user">The user that a message's user-id must name.</param>
internal sealed class BrokerConnection(string user)
{
    public string User { get; } = user;
}
