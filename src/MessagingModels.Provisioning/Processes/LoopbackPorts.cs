using System.Net;
using System.Net.Sockets;

namespace MessagingModels.Provisioning.Processes;

/// <summary>
/// Picks free ports of 127.0.0.1. They lie above the range that Linux gives to outgoing connections: a client that reconnects to a dead broker can
/// then not be given the broker's own port and connect to itself. The search begins at random, so that test runs side by side seldom meet.
/// </summary>
internal static class LoopbackPorts
{
    public const int First = 61000;
    public const int Last = 65500;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>As many ports as asked for, all free now and not given to anybody else in this process.</summary>
    /// <exception cref="BrokerUnavailableException">There are not as many.</exception>
    public static int[] Take(int count)
    {
        List<int> ports = [];
        int span = Last - First + 1;
        int start = Random.Shared.Next(span);
        lock (Gate)
        {
            for (int i = 0; i < span && ports.Count < count; i++)
            {
                int port = First + ((start + i) % span);
                if (!Given.Contains(port) && IsFree(port))
                    ports.Add(port);
            }

            if (ports.Count < count)
                throw new BrokerUnavailableException($"There are no {count} free ports between {First} and {Last} on 127.0.0.1; end what listens there.");
            Given.UnionWith(ports);
        }

        return [.. ports];
    }

    /// <summary>Lets others have the ports.</summary>
    public static void Return(IEnumerable<int> ports)
    {
        lock (Gate)
        {
            Given.ExceptWith(ports);
        }
    }

    /// <summary>True where nobody listens. Takes the port for an instant: not for one that a process is about to take, see <see cref="IsListenedToAsync"/>.</summary>
    public static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }

    /// <summary>True where a connection is accepted, which disturbs nobody who is about to take the port.</summary>
    public static async Task<bool> IsListenedToAsync(int port, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}
