using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning;

/// <summary>Where a proxy listens on 127.0.0.1, and to whom it forwards.</summary>
internal readonly record struct ProxyRoute(int ListenPort, string Host, int Port);

/// <summary>
/// A TCP proxy on 127.0.0.1 in front of a broker that can lose the broker's answers on the way: the broker has done what was asked, and the client
/// does not learn of it. Safe for use by several threads.
/// </summary>
public sealed class ResponseDroppingProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly IReadOnlyList<TcpListener> _listeners;
    private readonly int[] _ownPorts;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _dropped;
    private long _droppedBytes;

    private ResponseDroppingProxy(IReadOnlyList<ProxyRoute> routes, IReadOnlyList<TcpListener> listeners, int[] ownPorts)
    {
        _listeners = listeners;
        _ownPorts = ownPorts;
        Port = routes[0].ListenPort;
        Address = string.Join(',', routes.Select(static route => $"127.0.0.1:{route.ListenPort}"));
        _accepting = Task.WhenAll(routes.Zip(listeners, AcceptAsync));
    }

    /// <summary>Where it listens: HOST:PORT, one for each broker it stands before, separated by commas.</summary>
    public string Address { get; }

    /// <summary>The first port it listens on.</summary>
    public int Port { get; }

    /// <summary>Bytes of the broker that were lost so far.</summary>
    public long DroppedBytes => Interlocked.Read(ref _droppedBytes);

    /// <summary>Starts a proxy in front of any server, on a free port.</summary>
    public static ResponseDroppingProxy Start(string host, int port)
    {
        int[] own = LoopbackPorts.Take(1);
        return Start([new ProxyRoute(own[0], host, port)], own);
    }

    /// <exception cref="InvalidOperationException">A port is taken.</exception>
    internal static ResponseDroppingProxy Start(IReadOnlyList<ProxyRoute> routes, int[]? ownPorts = null)
    {
        List<TcpListener> listeners = [];
        try
        {
            foreach (ProxyRoute route in routes)
            {
                listeners.Add(new TcpListener(IPAddress.Loopback, route.ListenPort));
                listeners[^1].Start();
            }
        }
        catch (SocketException error)
        {
            listeners.ForEach(static listener => listener.Dispose());
            throw new InvalidOperationException("The proxy's port is taken: there is a proxy in front of this broker already; dispose that one first.", error);
        }

        return new ResponseDroppingProxy(routes, listeners, ownPorts ?? []);
    }

    /// <summary>From now on nothing that a broker sends reaches a client, on any connection; what clients send goes on reaching the broker.</summary>
    public void DropResponses() => _dropped ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when something was lost since <see cref="DropResponses"/>.</summary>
    /// <exception cref="InvalidOperationException">Nothing is being dropped.</exception>
    public Task WaitUntilDroppedAsync(CancellationToken cancellationToken = default)
        => (_dropped ?? throw new InvalidOperationException("Call DropResponses first.")).Task.WaitAsync(cancellationToken);

    /// <summary>Resets all connections at once. New ones are forwarded again, both ways.</summary>
    public void CutConnections()
    {
        foreach (Connection connection in _connections.Keys)
            connection.Cut();
        _dropped = null;
    }

    /// <summary>Stops listening and cuts what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (TcpListener listener in _listeners)
            listener.Dispose();
        await _accepting.ConfigureAwait(false);
        CutConnections();
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        LoopbackPorts.Return(_ownPorts);
        _stop.Dispose();
    }

    private async Task AcceptAsync(ProxyRoute route, TcpListener listener)
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                Connection connection = new(client, new TcpClient());
                _connections[connection] = ForwardAsync(connection, route);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException && _stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task ForwardAsync(Connection connection, ProxyRoute route)
    {
        await Task.Yield();
        try
        {
            await connection.Server.ConnectAsync(route.Host, route.Port, _stop.Token).ConfigureAwait(false);
            NetworkStream client = connection.Client.GetStream();
            NetworkStream server = connection.Server.GetStream();
            await Task.WhenAny(PumpAsync(client, server, fromServer: false), PumpAsync(server, client, fromServer: true)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The broker does not listen, or the connection was cut: the client sees it closed.
        }
        finally
        {
            connection.Cut();
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Copies until one side closes; then the whole connection ends, as behind a router that lost it.</summary>
    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool fromServer)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token).ConfigureAwait(false) is var count and > 0)
            {
                if (fromServer && _dropped is { } dropped)
                {
                    Interlocked.Add(ref _droppedBytes, count);
                    dropped.TrySetResult();
                }
                else
                {
                    await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side was closed or cut.
        }
    }

    private sealed class Connection(TcpClient client, TcpClient server)
    {
        public TcpClient Client { get; } = client;
        public TcpClient Server { get; } = server;

        public void Cut()
        {
            // Sends a reset, so that a client notices at once and does not wait for more of an answer.
            foreach (TcpClient side in (TcpClient[])[Client, Server])
            {
                if (side.Client is not null)
                    side.Client.Close(timeout: 0);
                side.Dispose();
            }
        }
    }
}
