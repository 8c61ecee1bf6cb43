using System.CommandLine;
using MessagingModels.Broker;

namespace MessagingModels.Cli.Commands;

/// <summary>The option <c>--data</c>, and the broker that is opened over what it names.</summary>
internal static class DataDirectoryOption
{
    public static Option<string> Create() => new("--data", "-d")
    {
        Required = true,
        HelpName = "DIR",
        Description = "The data directory. One program at a time may have it open.",
    };

    /// <summary>Opens the broker for a command that makes something; the directory is made where it does not exist.</summary>
    public static Task<EmbeddedBroker> OpenOrCreateAsync(string directory, CancellationToken cancellationToken)
        => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = directory }, cancellationToken: cancellationToken);

    /// <summary>Opens the broker for a command that uses what is there.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory: a misspelt one would otherwise be made, and found empty.</exception>
    public static Task<EmbeddedBroker> OpenAsync(string directory, CancellationToken cancellationToken)
        => Directory.Exists(directory)
            ? OpenOrCreateAsync(directory, cancellationToken)
            : throw new DirectoryNotFoundException(
                $"There is no data directory '{directory}'. 'mm topic create' and 'mm queue declare' make one.");
}
