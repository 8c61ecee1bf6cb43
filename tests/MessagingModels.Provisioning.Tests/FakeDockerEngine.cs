using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MessagingModels.Provisioning.Tests;

/// <summary>What becomes of a pull.</summary>
internal enum Pull
{
    /// <summary>The engine does not know the image.</summary>
    NotFound,

    /// <summary>The engine is at its end.</summary>
    ServerError,

    /// <summary>No answer at all.</summary>
    Hangs,

    /// <summary>Something that is no HTTP.</summary>
    Garbage,
}

/// <summary>Answers a Docker client's first questions and then does not pull, as an engine does that cannot find the image.</summary>
internal sealed class FakeDockerEngine : IAsyncDisposable
{
    public const string Refusal = "manifest unknown: no such image here";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;
    private readonly Pull _pull;
    private readonly CancellationTokenSource _disposed = new();

    public FakeDockerEngine(Pull pull = Pull.NotFound)
    {
        _pull = pull;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        _listener.Dispose();
        await _serving;
        _disposed.Dispose();
    }

    private (string Status, string Body) Answer(string path) => path switch
    {
        _ when path.EndsWith("/version", StringComparison.Ordinal) => ("200 OK", """{"Version":"29.0.0","ApiVersion":"1.44","Os":"linux","Arch":"amd64"}"""),
        _ when path.EndsWith("/info", StringComparison.Ordinal) => ("200 OK", """{"ServerVersion":"29.0.0","OSType":"linux","OperatingSystem":"test","Labels":[]}"""),
        _ when path.EndsWith("/images/create", StringComparison.Ordinal) => (_pull == Pull.ServerError ? "500 Internal Server Error" : "404 Not Found", $$"""{"message":"{{Refusal}}"}"""),
        _ => ("404 Not Found", """{"message":"no such object"}"""),
    };

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(() => AnswerAsync(client));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    /// <summary>One request for each connection; none of them has a body that matters.</summary>
    private async Task AnswerAsync(TcpClient accepted)
    {
        using TcpClient client = accepted;
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
        string? request = await reader.ReadLineAsync();
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // Headers.
        }

        string path = request?.Split(' ').ElementAtOrDefault(1)?.Split('?')[0] ?? "";
        bool pulls = path.EndsWith("/images/create", StringComparison.Ordinal);
        if (pulls && _pull == Pull.Hangs)
            await Task.Delay(Timeout.Infinite, _disposed.Token);
        (string status, string body) = Answer(path);
        string answer = pulls && _pull == Pull.Garbage ? "\0\u0001\u0002\r\n\r\n" : $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}
