using MessagingModels.Broker;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>The embedded broker, in this process.</summary>
internal sealed class NativeTarget(WorkDirectory directory) : IComparisonTarget
{
    public const string Name = "native";

    public TargetDescription Description { get; } = new(Name, ConditionsProbe.ReadVersion(), "in your process");

    public async Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
    {
        string? path = durability == Durability.Memory ? null : directory.NewDataDirectory();
        TargetSession session = new(durability, path, stop => StartAsync(durability, path, stop));
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }

    private static async Task<(IAsyncDisposable Owner, ILogBroker Log, IExchangeBroker Exchanges)> StartAsync(
        Durability durability, string? path, CancellationToken cancellationToken)
    {
        EmbeddedBroker broker = await EmbeddedBroker.StartAsync(
            new EmbeddedBrokerOptions
            {
                DataDirectory = path,
                Durability = durability,
                // Retention and expiry are shown within seconds; Kafka looks every five minutes.
                RetentionCheckInterval = TimeSpan.FromMilliseconds(200),
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return (broker, broker.Log, broker.Exchanges);
    }
}
