using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>A RabbitMQ that can be run as the user who runs this process.</summary>
/// <param name="Server">The path of <c>rabbitmq-server</c>.</param>
/// <param name="NameDaemon">The path of Erlang's <c>epmd</c>.</param>
internal sealed record RabbitMqInstallation(string Server, string NameDaemon)
{
    private const string HomeVariable = "RABBITMQ_HOME";

    /// <summary>Debian's program on the PATH changes the user and the directories; this is the one that it calls.</summary>
    private const string DebianServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <exception cref="BrokerUnavailableException">There is none; says what is missing.</exception>
    public static RabbitMqInstallation Find(string? home)
    {
        string name = home is null ? HomeVariable : "Home";
        home ??= Environment.GetEnvironmentVariable(HomeVariable);
        string? server;
        if (string.IsNullOrEmpty(home))
        {
            server = File.Exists(DebianServer) ? DebianServer : SearchPath.Find("rabbitmq-server");
            if (server is null)
            {
                throw new BrokerUnavailableException(
                    $"{HomeVariable} is not set and there is no rabbitmq-server on the PATH: install RabbitMQ or let {HomeVariable} name an unpacked distribution")
                { WasConfigured = false };
            }
        }
        else
        {
            server = Path.GetFullPath(Path.Combine(home, "sbin", "rabbitmq-server"));
            if (!File.Exists(server))
                throw new BrokerUnavailableException($"{name} is {home}, which has no sbin/rabbitmq-server: let it name an unpacked RabbitMQ distribution");
        }

        return new RabbitMqInstallation(server, FindNameDaemon(home));
    }

    private static string FindNameDaemon(string? home)
    {
        IEnumerable<string> beside = string.IsNullOrEmpty(home) ? [] : [Path.GetFullPath(Path.Combine(home, "erlang", "bin", "epmd"))];
        return beside.FirstOrDefault(File.Exists) ?? SearchPath.Find("epmd")
            ?? throw new BrokerUnavailableException(
                $"there is no epmd, Erlang's name daemon, in {HomeVariable}/erlang/bin or on the PATH: RabbitMQ needs Erlang, install it");
    }
}
