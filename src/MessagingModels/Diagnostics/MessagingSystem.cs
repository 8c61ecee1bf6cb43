using System.Diagnostics;

namespace MessagingModels;

/// <summary>What spans and metrics say of the system that a client talks to (<c>messaging.system</c>, <c>server.address</c>, <c>server.port</c>).</summary>
/// <param name="name">Its name by the conventions.</param>
internal sealed class MessagingSystem(string name)
{
    /// <summary>The native broker within the process, which has no address.</summary>
    public static readonly MessagingSystem Embedded = new("messagingmodels");

    private volatile ServerAddress? _server;

    /// <summary>The server that serves the client; null where it is not known which of several does.</summary>
    public ServerAddress? Server
    {
        get => _server;
        set => _server = value;
    }

    public void AddTo(ref TagList tags)
    {
        tags.Add(MessagingTags.System, name);
        if (_server is not { } server)
            return;
        tags.Add(MessagingTags.ServerAddress, server.Host);
        tags.Add(MessagingTags.ServerPort, server.Port);
    }
}

/// <summary>Where a server is.</summary>
internal sealed class ServerAddress(string host, int port)
{
    /// <summary>The name, or the address where there is none.</summary>
    public string Host => host;

    /// <summary>An <see cref="int"/>, boxed once and not for each message.</summary>
    public object Port { get; } = port;
}
