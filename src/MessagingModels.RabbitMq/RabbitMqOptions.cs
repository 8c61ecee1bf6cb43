namespace MessagingModels.RabbitMq;

/// <summary>Settings of a connection to RabbitMQ.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>
    /// Where RabbitMQ is: <c>amqp://user:password@host:port/vhost</c>, <c>amqps</c> for TLS. Special characters in user, password and
    /// virtual host are percent-encoded (RabbitMQ URI Specification); without a virtual host it is <c>/</c>.
    /// </summary>
    public Uri Uri { get; set; } = new("amqp://guest:guest@localhost:5672");

    /// <summary>Further nodes of the cluster, as <c>host</c> or <c>host:port</c>. The client connects to one that answers, in random order.</summary>
    public IList<string> Endpoints { get; } = [];

    /// <summary>
    /// The management plugin's HTTP API, for example <c>http://user:password@host:15672</c>; without credentials those of <see cref="Uri"/> are
    /// used, and with <c>https</c> the certificates of <see cref="Tls"/>. Needed for lists, descriptions and policies, which AMQP 0-9-1 has not, and for internal exchanges; null for none.
    /// </summary>
    public Uri? ManagementUri { get; set; }

    /// <summary>The connection's name in RabbitMQ's logs and management; empty for the program's name.</summary>
    public string ConnectionName { get; set; } = "";

    /// <summary>Further properties that the connection shows in RabbitMQ's management.</summary>
    public IDictionary<string, string> ClientProperties { get; } = new Dictionary<string, string>();

    /// <summary>How often the connection is checked while nothing is sent; zero for never. RabbitMQ may ask for a shorter time.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>True to connect again, for as long as it takes, when the connection is lost.</summary>
    public bool AutomaticRecovery { get; set; } = true;

    /// <summary>How long to wait before each attempt to connect again.</summary>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long connecting may take, for each node.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long RabbitMQ may take to answer an operation.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long disposal waits for outstanding confirms before it closes a channel; part of <see cref="CloseTimeout"/>.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long disposing a consumer, a channel or the broker takes at most, all its waits for RabbitMQ together. Disposing then completes all the
    /// same, with a warning in the log, and the broker closes its socket. After the first that was not answered in time, a connection's others wait
    /// for an answer no longer than a second, so that a host whose RabbitMQ hangs is down within its own 30 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest message body that is accepted; null for the client's own limit of 64 MiB.</summary>
    public int? MaxMessageBytes { get; set; }

    /// <summary>Settings of TLS.</summary>
    public RabbitMqTlsOptions Tls { get; } = new();

    /// <summary>Looks for settings that are not legal.</summary>
    /// <returns>A sentence for each; none where all is well.</returns>
    public IReadOnlyList<string> Validate()
    {
        List<string> failures = [];
        if (Uri is not { IsAbsoluteUri: true, Scheme: "amqp" or "amqps" })
            failures.Add("Uri must begin with amqp:// or amqps://, for example amqp://guest:guest@localhost:5672.");
        else if (Uri.Segments.Length > 2)
            failures.Add("Uri has more than one segment after the host; percent-encode a slash in the virtual host's name as %2F.");
        if (ManagementUri is not null and not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            failures.Add("ManagementUri must begin with http:// or https://, for example http://guest:guest@localhost:15672.");
        foreach (string endpoint in Endpoints)
        {
            if (!Connections.ConnectionSettings.TryParseEndpoint(endpoint, out _, out _))
                failures.Add($"Endpoints has '{endpoint}'; write host or host:port.");
        }

        if (Heartbeat < TimeSpan.Zero)
            failures.Add($"Heartbeat ({Heartbeat}) is negative; use zero for none.");
        if (DrainTimeout < TimeSpan.Zero)
            failures.Add($"DrainTimeout ({DrainTimeout}) is negative; use zero not to wait.");
        else if (DrainTimeout > CloseTimeout)
            failures.Add($"DrainTimeout ({DrainTimeout}) is longer than CloseTimeout ({CloseTimeout}), which it is a part of.");
        Positive(CloseTimeout, nameof(CloseTimeout));
        Positive(RecoveryInterval, nameof(RecoveryInterval));
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(OperationTimeout, nameof(OperationTimeout));
        if (MaxMessageBytes is < 1)
            failures.Add($"MaxMessageBytes ({MaxMessageBytes}) must be at least 1.");
        if (Tls.LogInByCertificate)
            ValidateCertificateLogin(failures);
        FileExists(Tls.AuthoritiesPath, nameof(Tls.AuthoritiesPath));
        FileExists(Tls.ClientCertificatePath, nameof(Tls.ClientCertificatePath));
        return failures;

        void Positive(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero)
                failures.Add($"{name} ({value}) must be more than zero.");
        }

        void FileExists(string? path, string name)
        {
            if (path is not null && !File.Exists(path))
                failures.Add($"Tls.{name} names '{path}', which is not a file.");
        }
    }

    private void ValidateCertificateLogin(List<string> failures)
    {
        if (Uri.Scheme != "amqps")
            failures.Add("Tls.LogInByCertificate needs TLS: begin Uri with amqps://.");
        if (Tls.ClientCertificatePath is null && Tls.ClientCertificates is not { Count: > 0 })
            failures.Add("Tls.LogInByCertificate needs a certificate: set Tls.ClientCertificatePath or Tls.ClientCertificates.");
        if (ManagementUri is { UserInfo.Length: 0 })
            failures.Add("ManagementUri needs a user and a password of its own with Tls.LogInByCertificate, which the management API does not know.");
    }
}
