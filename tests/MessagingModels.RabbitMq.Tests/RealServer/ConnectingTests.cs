using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessagingModels.Provisioning;

namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class ConnectingTests(RealRabbitMq rabbit)
{
    [Fact]
    public async Task A_wrong_password_is_refused_and_not_repeated()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync();
        options.Uri = new UriBuilder(options.Uri) { Password = "wrong-secret" }.Uri;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal(ReplyCode.AccessRefused, error.ReplyCode);
        Assert.Contains($"refused the user '{options.Uri.UserInfo.Split(':')[0]}' (403)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task An_unknown_virtual_host_is_named()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync(withManagement: false);
        options.Uri = new UriBuilder(options.Uri) { Path = "/nope" }.Uri;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal(ReplyCode.NotAllowed, error.ReplyCode);
        Assert.Contains("vhost nope not found (530)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_further_node_is_taken_where_the_first_does_not_answer()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync(withManagement: false);
        using Socket unused = new(SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        options.Endpoints.Add($"{options.Uri.Host}:{options.Uri.Port}");
        options.Uri = new UriBuilder(options.Uri) { Port = ((IPEndPoint)unused.LocalEndPoint!).Port }.Uri;
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        Assert.Equal("/", broker.VirtualHost);
        Assert.StartsWith("RabbitMQ ", broker.Capabilities.System, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_trusts_the_authority_it_is_given_and_no_other()
    {
        string directory = Directory.CreateTempSubdirectory("mm-tls-").FullName;
        try
        {
            int port = WriteCertificate(directory);
            await using RabbitMqServer server = await StartWithTlsAsync(directory, port);
            RabbitMqOptions options = new()
            {
                Uri = new Uri($"amqps://guest:guest@127.0.0.1:{port}"),
                Tls = { ServerName = "localhost", AuthoritiesPath = Path.Combine(directory, "certificate.pem") },
            };
            await using (RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options))
            {
                await using IExchangeChannel channel = await broker.OpenChannelAsync();
                Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("", "no-such-queue", "x", mandatory: true));
            }

            options.Tls.ServerName = "elsewhere";
            await RefusedAsync(options);
            options.Tls.ServerName = "localhost";
            options.Tls.AuthoritiesPath = null;
            await RefusedAsync(options);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RefusedAsync(RabbitMqOptions options)
        => Assert.Contains(
            "TLS with RabbitMQ", (await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options))).Message,
            StringComparison.Ordinal);

    private static int WriteCertificate(string directory)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(directory, "certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        // Above the ephemeral range, and not where other servers of a test run look first.
        for (int port = 64_000 + (Environment.ProcessId % 1_000); ; port++)
        {
            using Socket probe = new(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    private static async Task<RabbitMqServer> StartWithTlsAsync(string directory, int port)
    {
        try
        {
            return await RabbitMqServer.StartAsync(new ProvisioningOptions
            {
                UseContainers = false,
                StartTimeout = TimeSpan.FromMinutes(2),
                Settings = new Dictionary<string, string>
                {
                    ["listeners.ssl.1"] = $"127.0.0.1:{port}",
                    ["ssl_options.certfile"] = Path.Combine(directory, "certificate.pem"),
                    ["ssl_options.keyfile"] = Path.Combine(directory, "key.pem"),
                    ["ssl_options.cacertfile"] = Path.Combine(directory, "certificate.pem"),
                },
            });
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip($"No RabbitMQ with TLS can be had: {error.Message}");
            throw;
        }
    }
}
