using MessagingModels.Broker;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>The embedded broker, in memory.</summary>
public sealed class NativeExchanges : IExchangeProvider, IAsyncLifetime
{
    private EmbeddedBroker _broker = null!;
    private int _sites;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _broker = await EmbeddedBroker.StartAsync();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    /// <inheritdoc />
    public ValueTask<ExchangeSite> OpenAsync()
    {
        string name = $"contract-{Interlocked.Increment(ref _sites)}";
        return ExchangeSite.OpenAsync(() => _broker.OpenVirtualHostAsync(name), () => _broker.DeleteVirtualHostAsync(name));
    }
}
