using System.Net;
using System.Net.Sockets;

namespace MessagingModels.Provisioning.Tests;

public sealed class ResponseDroppingProxyTests : IAsyncLifetime
{
    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private readonly List<byte> _received = [];
    private ResponseDroppingProxy _proxy = null!;
    private Task _serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        _echo.Start();
        _serving = ServeAsync();
        _proxy = ResponseDroppingProxy.Start("127.0.0.1", ((IPEndPoint)_echo.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _echo.Dispose();
        await _serving;
    }

    [Fact]
    public async Task Both_ways_are_forwarded()
    {
        using TcpClient client = await ConnectAsync();

        Assert.Equal(1, await AskAsync(client, 1));
        Assert.Equal(2, await AskAsync(client, 2));
        Assert.Equal(0, _proxy.DroppedBytes);
        Assert.Equal($"127.0.0.1:{_proxy.Port}", _proxy.Address);
    }

    [Fact]
    public async Task A_lost_answer_was_answered_and_the_client_sees_its_connection_cut()
    {
        using TcpClient client = await ConnectAsync();
        Assert.Equal(1, await AskAsync(client, 1));

        _proxy.DropResponses();
        Task<int> answer = AskAsync(client, 2);
        await _proxy.WaitUntilDroppedAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);
        Assert.Equal([1, 2], _received);
        Assert.Equal(1, _proxy.DroppedBytes);
        Assert.False(answer.IsCompleted);

        _proxy.CutConnections();
        await Assert.ThrowsAnyAsync<IOException>(() => answer.WaitAsync(Homes.Patience));
        using TcpClient again = await ConnectAsync();
        Assert.Equal(3, await AskAsync(again, 3));
    }

    [Fact]
    public async Task A_server_that_is_down_ends_the_connection()
    {
        _echo.Stop();

        // The end may come while the client is still connecting.
        Exception end = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using TcpClient client = await ConnectAsync();
            await AskAsync(client, 1).WaitAsync(Homes.Patience);
        });
        Assert.True(end is IOException or SocketException, end.ToString());
    }

    [Fact]
    public async Task Disposal_cuts_what_is_open_and_stops_listening()
    {
        using TcpClient client = await ConnectAsync();
        Assert.Equal(1, await AskAsync(client, 1));

        await _proxy.DisposeAsync();
        await _proxy.DisposeAsync();

        await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(client, 2).WaitAsync(Homes.Patience));
        await Assert.ThrowsAnyAsync<SocketException>(ConnectAsync);
    }

    [Fact]
    public async Task Waiting_for_a_loss_that_was_not_asked_for_is_a_mistake()
        => await Assert.ThrowsAsync<InvalidOperationException>(() => _proxy.WaitUntilDroppedAsync());

    private static async Task<int> AskAsync(TcpClient client, byte question)
    {
        byte[] buffer = [question];
        await client.GetStream().WriteAsync(buffer);
        await client.GetStream().ReadExactlyAsync(buffer);
        return buffer[0];
    }

    private async Task<TcpClient> ConnectAsync()
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return client;
    }

    /// <summary>Sends back each byte, one client after the other.</summary>
    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _echo.AcceptTcpClientAsync();
                await ServeAsync(client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        byte[] buffer = new byte[1];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) > 0)
            {
                _received.Add(buffer[0]);
                await client.GetStream().WriteAsync(buffer);
            }
        }
        catch (IOException)
        {
            // Cut.
        }
    }
}
