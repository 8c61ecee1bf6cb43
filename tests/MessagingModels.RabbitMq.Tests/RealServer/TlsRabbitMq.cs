using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessagingModels.Provisioning;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A real RabbitMQ that listens with TLS too, for AMQP and for its management, with a certificate for "localhost" that it signed itself.</summary>
public sealed class TlsRabbitMq : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mm-tls-").FullName;
    private RabbitMqServer? _server;
    private string? _unavailable;

    public int Port { get; private set; }

    public int ManagementPort { get; private set; }

    public Uri PlainUri => _server!.AmqpUri;

    public Uri PlainManagementUri => _server!.ManagementUri!;

    /// <summary>A file with the server's certificate, which is its own authority.</summary>
    public string Authority => Path.Combine(_directory, "server.pem");

    /// <summary>A file with an authority that looks the same and signed nothing.</summary>
    public string OtherAuthority => Path.Combine(_directory, "other.pem");

    public async ValueTask InitializeAsync()
    {
        Write("server");
        Write("other");
        Port = FreePort(64_000 + (Environment.ProcessId % 1_000));
        ManagementPort = FreePort(Port + 1);
        try
        {
            _server = await RabbitMqServer.StartAsync(new ProvisioningOptions
            {
                UseContainers = false,
                WorkDirectory = _directory,
                StartTimeout = TimeSpan.FromMinutes(2),
                Settings = new Dictionary<string, string>
                {
                    ["listeners.ssl.1"] = $"127.0.0.1:{Port}",
                    ["ssl_options.certfile"] = Authority,
                    ["ssl_options.keyfile"] = Path.Combine(_directory, "server.key"),
                    ["ssl_options.cacertfile"] = Authority,
                    ["ssl_options.verify"] = "verify_peer",
                    ["ssl_options.fail_if_no_peer_cert"] = "false",
                    ["ssl_cert_login_from"] = "common_name",
                    ["auth_mechanisms.1"] = "EXTERNAL",
                    ["auth_mechanisms.2"] = "PLAIN",
                    ["management.ssl.ip"] = "127.0.0.1",
                    ["management.ssl.port"] = $"{ManagementPort}",
                    ["management.ssl.certfile"] = Authority,
                    ["management.ssl.keyfile"] = Path.Combine(_directory, "server.key"),
                    ["management.ssl.cacertfile"] = Authority,
                },
            });
        }
        catch (BrokerUnavailableException error)
        {
            _unavailable = error.Message;
        }
    }

    /// <summary>Options that fit the server.</summary>
    public RabbitMqOptions Options()
    {
        Assert.SkipWhen(_unavailable is not null, $"No RabbitMQ with TLS can be had: {_unavailable}");
        return new RabbitMqOptions
        {
            Uri = new Uri($"amqps://guest:guest@127.0.0.1:{Port}"),
            Tls = { ServerName = "localhost", AuthoritiesPath = Authority },
        };
    }

    /// <summary>Options that fit the server, to log in by a certificate that it trusts.</summary>
    /// <param name="user">Whom the certificate names.</param>
    public RabbitMqOptions CertificateOptions(string user)
    {
        RabbitMqOptions options = Options();
        options.Uri = new UriBuilder(options.Uri) { UserName = "", Password = "" }.Uri;
        options.Tls.LogInByCertificate = true;
        options.Tls.ClientCertificatePath = Path.Combine(_directory, $"{user}.pfx");
        options.Tls.ClientCertificatePassword = "of the file";
        WriteClient(user, options.Tls.ClientCertificatePath, options.Tls.ClientCertificatePassword);
        return options;
    }

    /// <summary>Starts the server again with one more plugin.</summary>
    public async Task EnableAsync(string plugin)
    {
        string file = Directory.GetFiles(_directory, "enabled_plugins", SearchOption.AllDirectories).Single();
        await _server!.Nodes[0].StopAsync();
        await File.WriteAllTextAsync(file, $"[{plugin},{(await File.ReadAllTextAsync(file)).TrimStart('[')}");
        await _server.Nodes[0].StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Write(string name)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory, $"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private void WriteClient(string user, string path, string password)
    {
        using X509Certificate2 server = X509Certificate2.CreateFromPemFile(Authority, Path.Combine(_directory, "server.key"));
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={user}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 signed = request.Create(server, server.NotBefore, server.NotAfter, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 certificate = signed.CopyWithPrivateKey(key);
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, password));
    }

    /// <summary>Above the ephemeral range, and not where other servers of a test run look first.</summary>
    private static int FreePort(int first)
    {
        for (int port = first; ; port++)
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
}
