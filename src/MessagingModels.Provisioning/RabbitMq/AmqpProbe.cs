using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>What a broker says of itself when a client connects.</summary>
/// <param name="Version">Its version; <c>unknown</c> where it does not tell.</param>
/// <param name="Cluster">The name of its cluster, which its management API tells too; null where it does not.</param>
internal sealed record AmqpServer(string Version, string? Cluster);

/// <summary>Logs in to an AMQP 0-9-1 broker and out again: tells its version, and a wrong password from a wrong address.</summary>
internal static class AmqpProbe
{
    public const int DefaultPort = 5672;
    private const int DefaultTlsPort = 5671;
    private const int NotAllowed = 530;

    private static readonly byte[] ProtocolHeader = [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1];

    /// <param name="uri">Where it is, and as whom to log in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="authorities">A PEM file with the authorities that may have signed its certificate; null for those that the machine trusts.</param>
    /// <returns>Who answered.</returns>
    /// <exception cref="BrokerUnavailableException">Nobody answers there, or not as RabbitMQ does, or the login is refused.</exception>
    public static async Task<AmqpServer> LogInAsync(Uri uri, CancellationToken cancellationToken, string? authorities = null)
    {
        bool tls = uri.Scheme == "amqps";
        int port = uri.Port > 0 ? uri.Port : tls ? DefaultTlsPort : DefaultPort;
        string where = $"{uri.Host}:{port}";
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(uri.IdnHost, port, cancellationToken).ConfigureAwait(false);
            if (!tls)
                return await LogInAsync(client.GetStream(), uri, where, cancellationToken).ConfigureAwait(false);
            SslStream secure = new(client.GetStream());
            await using (secure.ConfigureAwait(false))
            {
                await secure.AuthenticateAsClientAsync(TrustedAuthorities.OptionsFor(uri.IdnHost, authorities), cancellationToken).ConfigureAwait(false);
                return await LogInAsync(secure, uri, where, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SocketException error)
        {
            throw new BrokerUnavailableException($"{where} cannot be reached: {error.Message}", error);
        }
        catch (AuthenticationException error)
        {
            throw new BrokerUnavailableException($"{where} and this machine do not agree on TLS: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new BrokerUnavailableException($"{where} does not answer as a RabbitMQ listener {(tls ? "with" : "without")} TLS does", error);
        }
    }

    private static async Task<AmqpServer> LogInAsync(Stream stream, Uri uri, string where, CancellationToken cancellationToken)
    {
        (string user, string password) = Credentials(uri);
        string vhost = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "/";

        await stream.WriteAsync(ProtocolHeader, cancellationToken).ConfigureAwait(false);
        ConnectionMethod start = await ExpectAsync(ConnectionMethod.Start, "a login").ConfigureAwait(false);
        await SendAsync(ConnectionMethod.StartOk, StartOk(user, password)).ConfigureAwait(false);
        ConnectionMethod tune = await ExpectAsync(ConnectionMethod.Tune, $"the user '{user}'").ConfigureAwait(false);
        await SendAsync(ConnectionMethod.TuneOk, tune.Arguments).ConfigureAwait(false);
        await SendAsync(ConnectionMethod.Open, (byte[])[.. ConnectionMethod.ShortString(vhost), 0, 0]).ConfigureAwait(false);
        await ExpectAsync(ConnectionMethod.OpenOk, $"the virtual host '{vhost}'").ConfigureAwait(false);
        await SendAsync(ConnectionMethod.Close, (byte[])[0, 200, 0, 0, 0, 0, 0]).ConfigureAwait(false);
        return new AmqpServer(start.ServerProperty("version") ?? "unknown", start.ServerProperty("cluster_name"));

        async Task SendAsync(int method, ReadOnlyMemory<byte> arguments)
            => await stream.WriteAsync(new ConnectionMethod(method, arguments).ToFrame(), cancellationToken).ConfigureAwait(false);

        async Task<ConnectionMethod> ExpectAsync(int method, string what)
        {
            ConnectionMethod answer = await ConnectionMethod.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            if (answer.Method == ConnectionMethod.Close)
                throw Refused(answer, where, what);
            return answer.Method == method ? answer : throw new InvalidDataException($"method {answer.Method}");
        }
    }

    /// <summary>Client properties that ask for a Close method when the password is wrong (else the broker just hangs up), mechanism, response, locale.</summary>
    private static byte[] StartOk(string user, string password)
    {
        byte[] capabilities = [.. ConnectionMethod.ShortString("authentication_failure_close"), (byte)'t', 1];
        byte[] properties = [.. ConnectionMethod.ShortString("capabilities"), (byte)'F', .. ConnectionMethod.LongString(capabilities)];
        return
        [
            .. ConnectionMethod.LongString(properties), .. ConnectionMethod.ShortString("PLAIN"),
            .. ConnectionMethod.LongString(Encoding.UTF8.GetBytes($"\0{user}\0{password}")), .. ConnectionMethod.ShortString("en_US"),
        ];
    }

    /// <summary>A Close method's arguments: code (2), text (short string), class, method.</summary>
    private static BrokerUnavailableException Refused(ConnectionMethod close, string where, string what)
    {
        int code = BinaryPrimitives.ReadInt16BigEndian(close.Arguments.Span);
        string text = Encoding.UTF8.GetString(close.Arguments.Span.Slice(3, close.Arguments.Span[2]));
        string remedy = code == NotAllowed ? "name one that exists and that the user may use" : "check user and password";
        return new BrokerUnavailableException($"{where} refuses {what} ({code} {text.ReplaceLineEndings(" ")}), {remedy}");
    }

    private static (string User, string Password) Credentials(Uri uri)
    {
        if (uri.UserInfo.Length == 0)
            return ("guest", "guest");
        int colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (Uri.UnescapeDataString(uri.UserInfo), "")
            : (Uri.UnescapeDataString(uri.UserInfo[..colon]), Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]));
    }
}
