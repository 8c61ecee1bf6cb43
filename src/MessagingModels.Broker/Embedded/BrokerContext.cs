using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker;

/// <summary>What every room of a broker shares: where it stores, how durable, whose clock and whose loggers.</summary>
internal sealed record BrokerContext
{
    public required DataDirectory Data { get; init; }

    public required EmbeddedBrokerOptions Options { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public IFileSystem FileSystem => Data.FileSystem;

    public Durability Durability => Options.EffectiveDurability;

    public TimeProvider Time => Options.TimeProvider;

    /// <summary>A place below the data directory.</summary>
    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Data.Path, .. parts]);
}
