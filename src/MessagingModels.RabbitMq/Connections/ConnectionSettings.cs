using System.Reflection;
using MessagingModels.RabbitMq.Management;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>The options as RabbitMQ.Client takes them.</summary>
internal sealed class ConnectionSettings
{
    /// <summary>Nothing waits for the server by then, but a handler of the user may still run.</summary>
    private static readonly TimeSpan LongestAfterSocket = TimeSpan.FromSeconds(1);

    private readonly RabbitMqOptions _options;
    private readonly ConnectionFactory _factory;
    private readonly List<AmqpTcpEndpoint> _endpoints;
    private readonly List<ServerCertificateCheck> _checks = [];
    private readonly TlsSettings? _tls;
    private volatile ITcpClient? _socket;

    /// <exception cref="ArgumentException">A file of certificates cannot be used.</exception>
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
            SocketFactory = family => _socket = ConnectionFactoryBase.DefaultSocketFactory(family),
        };
        if (options.MaxMessageBytes is { } maxBytes)
            _factory.MaxInboundMessageBodySize = (uint)maxBytes;
        foreach ((string name, string value) in options.ClientProperties)
            _factory.ClientProperties[name] = value;
        if (UsesTls || options.ManagementUri?.Scheme == Uri.UriSchemeHttps)
            _tls = new TlsSettings(options.Tls);
        if (options.Tls.LogInByCertificate)
            _factory.AuthMechanisms = [new ExternalMechanismFactory()];
        _endpoints = FindEndpoints();
    }

    /// <summary>Who logs in: a user's name, or the subject of a certificate.</summary>
    public string User => _options.Tls.LogInByCertificate && _tls is not null ? _tls.OwnSubject : _factory.UserName;

    public string VirtualHost => _factory.VirtualHost;

    /// <summary>The addresses, without credentials.</summary>
    public string Address => string.Join(", ", _endpoints.Select(static endpoint => $"{endpoint.HostName}:{endpoint.Port}"));

    /// <summary>What an error of connecting is told of.</summary>
    public ConnectTarget Target => new(Address, User, VirtualHost)
    {
        UsesTls = UsesTls,
        LogsInByCertificate = _options.Tls.LogInByCertificate,
        Distrust = _checks.Select(static check => check.Refusal).FirstOrDefault(static refusal => refusal is not null),
    };

    private bool UsesTls => _options.Uri.Scheme == "amqps";

    /// <summary>Connects to one of the nodes.</summary>
    /// <exception cref="ConnectionException">No node can be reached, or it refuses the user.</exception>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        // The client's own limits do not end the wait for a server that accepts the connection and then says nothing.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.ConnectTimeout * _endpoints.Count);
        try
        {
            return await _factory.CreateConnectionAsync(_endpoints, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested
            && error is RabbitMQClientException or OperationCanceledException or IOException or TimeoutException)
        {
            throw ClientErrors.FromConnect(error, Target);
        }
    }

    /// <summary>
    /// Closes a connection and what belongs to it. The client's own limits do not end its wait for a server that takes nothing more: then the
    /// socket is closed, at which all that waits for the server fails.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="administration">Its channels for administration.</param>
    /// <param name="limit">How long RabbitMQ may take to answer.</param>
    /// <returns>False where it did not answer in time.</returns>
    public async Task<bool> CloseAsync(IConnection connection, AdministrationChannels administration, TimeSpan limit)
    {
        Task closing = CloseClientAsync(connection, administration);
        if (await closing.EndsWithinAsync(limit).ConfigureAwait(false))
            return true;
        _socket?.Close();
        await closing.EndsWithinAsync(LongestAfterSocket).ConfigureAwait(false);
        return false;
    }

    /// <summary>A client of the management API; null where it was not named.</summary>
    public ManagementClient? CreateManagementClient()
        => _options.ManagementUri is { } address
            ? new ManagementClient(address, _factory.UserName, _factory.Password, VirtualHost, _options.OperationTimeout, _tls)
            : null;

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

    private static async Task CloseClientAsync(IConnection connection, AdministrationChannels administration)
    {
        // No limit and no disposal: both would take from under the client's reading loop what it needs to its end, and the loop's error would be
        // nobody's. An aborted connection holds nothing that must be given back.
        await connection.AbortAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        await administration.DisposeAsync().ConfigureAwait(false);
    }

    private List<AmqpTcpEndpoint> FindEndpoints()
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
        if (!UsesTls || _tls is null)
            return new SslOption();
        ServerCertificateCheck check = _tls.CheckFor(host);
        _checks.Add(check);
        return _tls.ForAmqp(host, check);
    }
}
