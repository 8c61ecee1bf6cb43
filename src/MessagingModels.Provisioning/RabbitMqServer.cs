using System.Net;
using MessagingModels.Provisioning.Containers;
using MessagingModels.Provisioning.RabbitMq;

namespace MessagingModels.Provisioning;

/// <summary>A real RabbitMQ: given by its address, in a container, or as local processes.</summary>
public sealed class RabbitMqServer : ProvisionedBroker
{
    internal RabbitMqServer(BrokerSource source, IReadOnlyList<Uri> amqpUris, IReadOnlyList<Uri> managementUris)
        : base("RabbitMQ", source)
    {
        AmqpUris = amqpUris;
        ManagementUris = managementUris;
    }

    /// <summary>Who may have signed the management's certificate, as in <see cref="TrustedAuthorities"/>.</summary>
    internal string? Authorities { get; init; }

    /// <summary>The first node, <c>amqp(s)://user:password@host:port/vhost</c>.</summary>
    public Uri AmqpUri => AmqpUris[0];

    /// <summary>One address for each node.</summary>
    public IReadOnlyList<Uri> AmqpUris { get; }

    /// <summary>The management API, <c>http(s)://user:password@host:port</c>; null where it is not known.</summary>
    public Uri? ManagementUri => ManagementUris.Count > 0 ? ManagementUris[0] : null;

    /// <summary>The management API of each node; empty where it is not known.</summary>
    public IReadOnlyList<Uri> ManagementUris { get; }

    /// <summary>A client of the management API of a node, which logs in and trusts the authorities that were given. The caller disposes it.</summary>
    /// <param name="management">One of <see cref="ManagementUris"/>.</param>
    /// <exception cref="BrokerUnavailableException">The file of authorities cannot be used.</exception>
    public HttpClient CreateManagementClient(Uri management) => ManagementHttp.Create(management, Authorities);

    /// <summary>Takes the broker at the address that was given, else a container, else local processes; completes when it serves clients.</summary>
    /// <exception cref="BrokerUnavailableException">None can be had; the message says for each why.</exception>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public static async Task<RabbitMqServer> StartAsync(ProvisioningOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ProvisioningOptions();
        options.Validate(ConfigurationFile.Own);
        if (options.Address is { } address)
            return await TakeGivenAsync(address, options, cancellationToken).ConfigureAwait(false);
        return await Ladder.TakeFirstAsync(
            "RabbitMQ", "--rabbitmq amqp://USER:PASSWORD@HOST:PORT/ or RABBITMQ_HOME",
            [
                ("a container", () => StartContainerAsync(options, cancellationToken)),
                ("local processes", () => new RabbitMqProcesses(RabbitMqInstallation.Find(options.Home), options).StartAsync(cancellationToken)),
            ]).ConfigureAwait(false);
    }

    /// <summary>Starts a proxy in front of the first node that can lose the broker's answers. The caller disposes it.</summary>
    /// <exception cref="NotSupportedException">The address is <c>amqps</c>: the certificate would not fit the proxy's.</exception>
    public ResponseDroppingProxy StartProxy()
        => AmqpUri.Scheme == "amqp"
            ? ResponseDroppingProxy.Start(AmqpUri.Host, AmqpUri.Port > 0 ? AmqpUri.Port : AmqpProbe.DefaultPort)
            : throw new NotSupportedException("A proxy in front of RabbitMQ needs a connection without TLS.");

    /// <summary><see cref="AmqpUri"/> with the proxy's address in place of the broker's.</summary>
    public Uri AmqpUriThrough(ResponseDroppingProxy proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        return new UriBuilder(AmqpUri) { Host = IPAddress.Loopback.ToString(), Port = proxy.Port }.Uri;
    }

    private static async Task<RabbitMqServer> StartContainerAsync(ProvisioningOptions options, CancellationToken cancellationToken)
    {
        ContainerStart.Check(options, ContainerImages.RabbitMq);
        await DockerEngine.EnsureAsync().ConfigureAwait(false);
        return await RabbitMqContainerBroker.StartAsync(options, engine: null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<RabbitMqServer> TakeGivenAsync(string address, ProvisioningOptions options, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new BrokerUnavailableException(
                $"The RabbitMQ address '{WithoutPassword(address)}' is not amqp(s)://USER:PASSWORD@HOST:PORT/VHOST; "
                + "write for example amqp://guest:guest@127.0.0.1:5672/.");
        }

        if (uri.AbsolutePath.IndexOf('/', 1) > 0)
        {
            throw new BrokerUnavailableException(
                $"The RabbitMQ address '{WithoutPassword(address)}' has more than one part after the host; write a slash in the virtual host's name as %2F.");
        }

        Uri? management = options.ManagementAddress is { } given ? ParseManagement(given) : null;
        string shown = $"{uri.Scheme}://{uri.Authority}{uri.AbsolutePath}";
        try
        {
            AmqpServer server = await CheckAsync(token => AmqpProbe.LogInAsync(uri, token, options.AuthoritiesPath)).ConfigureAwait(false);
            management = management is null
                ? await ManagementProbe.FindAsync(uri, server, options.AuthoritiesPath, cancellationToken).ConfigureAwait(false)
                : await CheckAsync(token => ManagementProbe.CheckAsync(management, uri, server, options.AuthoritiesPath, token)).ConfigureAwait(false);
            string without = management is null ? ", whose management API was not found" : "";
            BrokerSource source = new(BrokerOrigin.Given, server.Version, $"RabbitMQ {server.Version}, given as {shown}{without}", null)
            {
                ProbeAsync = token => AmqpProbe.LogInAsync(uri, token, options.AuthoritiesPath),
            };
            return new RabbitMqServer(source, [uri], management is null ? [] : [management]) { Authorities = options.AuthoritiesPath };
        }
        catch (BrokerUnavailableException error)
        {
            throw new BrokerUnavailableException(
                $"The RabbitMQ given as '{shown}' is of no use: {error.Message.TrimEnd('.')}. Check the address, and that the broker runs.", error);
        }

        Task<T> CheckAsync<T>(Func<CancellationToken, Task<T>> checkAsync)
            => GivenAddress.CheckAsync(uri.Authority, options.StartTimeout, checkAsync, cancellationToken);
    }

    private static Uri ParseManagement(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new BrokerUnavailableException(
                $"The management address '{WithoutPassword(address)}' is not http(s)://USER:PASSWORD@HOST:PORT; write for example http://guest:guest@127.0.0.1:15672.");

    /// <summary>What was given may hold a password even where it is no address: show only what follows it.</summary>
    private static string WithoutPassword(string address) => address[(address.LastIndexOf('@') + 1)..];
}
