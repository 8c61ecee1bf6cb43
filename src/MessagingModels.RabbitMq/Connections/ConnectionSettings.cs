using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>The options as RabbitMQ.Client takes them.</summary>
internal sealed class ConnectionSettings
{
    private readonly RabbitMqOptions _options;
    private readonly ConnectionFactory _factory;

    public ConnectionSettings(RabbitMqOptions options, TopologyRecoveryFilter filter, TopologyRecoveryExceptionHandler recoveryErrors)
    {
        _options = options;
        _factory = new ConnectionFactory
        {
            Uri = options.Uri,
            ClientProvidedName = options.ConnectionName.Length > 0
                ? options.ConnectionName
                : Assembly.GetEntryAssembly()?.GetName().Name ?? "MessagingModels",
            RequestedHeartbeat = options.Heartbeat,
            AutomaticRecoveryEnabled = options.AutomaticRecovery,
            TopologyRecoveryEnabled = options.AutomaticRecovery,
            TopologyRecoveryFilter = filter,
            TopologyRecoveryExceptionHandler = recoveryErrors,
            NetworkRecoveryInterval = options.RecoveryInterval,
            RequestedConnectionTimeout = options.ConnectTimeout,
            HandshakeContinuationTimeout = options.ConnectTimeout,
            ContinuationTimeout = options.OperationTimeout,
        };
        if (options.MaxMessageBytes is { } maxBytes)
            _factory.MaxInboundMessageBodySize = (uint)maxBytes;
        foreach ((string name, string value) in options.ClientProperties)
            _factory.ClientProperties[name] = value;
    }

    public string User => _factory.UserName;

    public string Password => _factory.Password;

    public string VirtualHost => _factory.VirtualHost;

    /// <summary>The addresses, without credentials.</summary>
    public string Address => string.Join(", ", Endpoints().Select(endpoint => $"{endpoint.HostName}:{endpoint.Port}"));

    /// <exception cref="ConnectionException">No node can be reached, or it refuses the user.</exception>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        List<AmqpTcpEndpoint> endpoints = Endpoints();
        // The client's own limits do not end the wait for a server that accepts the connection and then says nothing.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.ConnectTimeout * endpoints.Count);
        try
        {
            return await _factory.CreateConnectionAsync(endpoints, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested
            && error is RabbitMQClientException or OperationCanceledException or IOException or TimeoutException)
        {
            throw ClientErrors.FromConnect(error, Address, User, VirtualHost);
        }
    }

    /// <summary>Splits <c>host</c> or <c>host:port</c>.</summary>
    public static bool TryParseEndpoint(string text, out string host, out int? port)
    {
        (host, port) = (text, null);
        if (!Uri.TryCreate($"amqp://{text}", UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || uri.PathAndQuery is not ("/" or "")
            || uri.UserInfo.Length > 0)
            return false;
        host = uri.Host;
        port = uri.Port < 0 ? null : uri.Port;
        return true;
    }

    private List<AmqpTcpEndpoint> Endpoints()
    {
        AmqpTcpEndpoint first = _factory.Endpoint;
        List<AmqpTcpEndpoint> endpoints = [new AmqpTcpEndpoint(first.HostName, first.Port, Tls(first.HostName))];
        foreach (string text in _options.Endpoints)
        {
            if (TryParseEndpoint(text, out string host, out int? port))
                endpoints.Add(new AmqpTcpEndpoint(host, port ?? first.Port, Tls(host)));
        }

        return endpoints;
    }

    private SslOption Tls(string host)
    {
        if (_options.Uri.Scheme != "amqps")
            return new SslOption();
        RabbitMqTlsOptions tls = _options.Tls;
        SslOption option = new(tls.ServerName ?? host, enabled: true)
        {
            Version = tls.Protocols,
            CheckCertificateRevocation = tls.CheckRevocation,
        };
        X509CertificateCollection certificates = [];
        if (tls.ClientCertificates is { } given)
            certificates.AddRange(given);
        if (tls.ClientCertificatePath is { } path)
            certificates.Add(X509CertificateLoader.LoadPkcs12FromFile(path, tls.ClientCertificatePassword));
        if (certificates.Count > 0)
            option.Certs = certificates;
        if (tls.AuthoritiesPath is { } authoritiesPath)
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(authoritiesPath);
            option.CertificateValidationCallback = (_, certificate, _, errors) => IsSignedBy(authorities, certificate, errors, tls.CheckRevocation);
        }

        return option;
    }

    /// <summary>The machine's own authorities do not count here, but every other finding does.</summary>
    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, SslPolicyErrors errors, bool checkRevocation)
    {
        if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = checkRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}
