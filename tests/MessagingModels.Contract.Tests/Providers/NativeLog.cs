using MessagingModels.Broker;
using MessagingModels.Contract.Tests.Providers;

[assembly: AssemblyFixture(typeof(NativeLog))]

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>The embedded broker in memory, with the settings that the real one is given too.</summary>
public sealed class NativeLog : ILogProvider, IAsyncDisposable
{
    private readonly Lazy<Task<EmbeddedBroker>> _broker = new(() => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions
    {
        RetentionCheckInterval = TimeSpan.FromMilliseconds(200),
    }));

    public async ValueTask<ILogBroker> GetLogAsync() => (await _broker.Value).Log;

    public async ValueTask DisposeAsync()
    {
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
    }
}
