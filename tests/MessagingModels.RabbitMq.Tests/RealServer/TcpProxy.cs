using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>Hands bytes on between a client and a server, until a test withholds the answers or cuts the connection.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpClient> _open = [];
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private string _host = "";
    private int _port;
    private volatile bool _withholdsAnswers;
    private volatile bool _refusesConnections;
    private volatile TaskCompletionSource? _held;

    public int Port { get; private set; }

    public void Start(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>From now on the client hears nothing, while the server hears the client.</summary>
    public void WithholdAnswers() => _withholdsAnswers = true;

    /// <summary>From now on answers wait until they are handed on.</summary>
    public void HoldAnswers() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void HandAnswersOn() => Interlocked.Exchange(ref _held, null)?.TrySetResult();

    /// <summary>Closes every connection; new ones work.</summary>
    /// <param name="staysCut">True to refuse new ones until <see cref="Mend"/>.</param>
    public void Cut(bool staysCut = false)
    {
        _refusesConnections = staysCut;
        while (_open.TryTake(out TcpClient? client))
            client.Dispose();
        _withholdsAnswers = false;
    }

    public void Mend() => _refusesConnections = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_refusesConnections)
            {
                client.Dispose();
                continue;
            }

            TcpClient server = new(_host, _port);
            _open.Add(client);
            _open.Add(server);
            _ = PumpAsync(client, server, isAnswer: false);
            _ = PumpAsync(server, client, isAnswer: true);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var count)
            {
                if (isAnswer && _held is { } held)
                    await held.Task.WaitAsync(_stop.Token);
                if (!isAnswer || !_withholdsAnswers)
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception cut) when (cut is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // One of the two ends has gone.
        }

        from.Dispose();
        to.Dispose();
    }
}
