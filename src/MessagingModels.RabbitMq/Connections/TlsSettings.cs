using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>The options of TLS with their files read, as the client of AMQP takes them and that of the management.</summary>
internal sealed class TlsSettings
{
    private readonly RabbitMqTlsOptions _options;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509CertificateCollection _own = [];

    /// <exception cref="ArgumentException">A file of certificates cannot be used.</exception>
    public TlsSettings(RabbitMqTlsOptions options)
    {
        _options = options;
        _authorities = Load(options.AuthoritiesPath, ReadAuthorities, "certificate in PEM format");
        if (options.ClientCertificates is { } given)
            _own.AddRange(given);
        if (Load(options.ClientCertificatePath, ReadOwn, "PKCS#12 certificate that Tls.ClientCertificatePassword opens") is { } own)
            _own.Add(own);
    }

    /// <summary>Whom the certificate to identify with names; empty where there is none.</summary>
    public string OwnSubject => _own.Count > 0 ? _own[0].Subject : "";

    /// <summary>The name that a certificate must carry.</summary>
    /// <param name="host">The host's name in the address.</param>
    public string NameFor(string host) => _options.ServerName ?? host;

    /// <summary>The check of the certificate of a server.</summary>
    /// <param name="host">The host's name in the address.</param>
    public ServerCertificateCheck CheckFor(string host) => new(NameFor(host), _authorities, _options.CheckRevocation);

    public SslOption ForAmqp(string host, ServerCertificateCheck check)
    {
        SslOption option = new(NameFor(host), enabled: true)
        {
            Version = _options.Protocols,
            CheckCertificateRevocation = _options.CheckRevocation,
            CertificateValidationCallback = check.IsTrusted,
        };
        if (_own.Count > 0)
            option.Certs = _own;
        return option;
    }

    public SslClientAuthenticationOptions ForHttp(ServerCertificateCheck check) => new()
    {
        EnabledSslProtocols = _options.Protocols,
        CertificateRevocationCheckMode = _options.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = check.IsTrusted,
        ClientCertificates = _own.Count > 0 ? _own : null,
    };

    private static X509Certificate2Collection? ReadAuthorities(string path)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : null;
    }

    private X509Certificate2 ReadOwn(string path) => X509CertificateLoader.LoadPkcs12FromFile(path, _options.ClientCertificatePassword);

    private static T? Load<T>(string? path, Func<string, T?> load, string what)
        where T : class
    {
        if (path is null)
            return null;
        try
        {
            return load(path) ?? throw new ArgumentException($"'{path}' holds no {what}.");
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"'{path}' holds no {what}: {error.Message}", error);
        }
    }
}
