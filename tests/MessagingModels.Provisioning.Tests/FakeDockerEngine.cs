using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MessagingModels.Provisioning.Tests;

/// <summary>Answers a Docker client's first questions and then refuses to pull, as an engine does that cannot find the image.</summary>
internal sealed class FakeDockerEngine : IAsyncDisposable
{
    public const string Refusal = "manifest unknown: no such image here";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public FakeDockerEngine()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private static (string Status, string Body) Answer(string path) => path switch
    {
        _ when path.EndsWith("/version", StringComparison.Ordinal) => ("200 OK", """{"Version":"29.0.0","ApiVersion":"1.44","Os":"linux","Arch":"amd64"}"""),
        _ when path.EndsWith("/info", StringComparison.Ordinal) => ("200 OK", """{"ServerVersion":"29.0.0","OSType":"linux","OperatingSystem":"test","Labels":[]}"""),
        _ when path.EndsWith("/images/create", StringComparison.Ordinal) => ("404 Not Found", $$"""{"message":"{{Refusal}}"}"""),
        _ => ("404 Not Found", """{"message":"no such object"}"""),
    };

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    /// <summary>One request for each connection; none of them has a body that matters.</summary>
    private static async Task AnswerAsync(TcpClient client)
    {
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
        string? request = await reader.ReadLineAsync();
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // Headers.
        }

        (string status, string body) = Answer(request?.Split(' ').ElementAtOrDefault(1)?.Split('?')[0] ?? "");
        string answer = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}
