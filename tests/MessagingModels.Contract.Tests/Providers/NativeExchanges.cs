using MessagingModels.Broker;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>The embedded broker, in memory.</summary>
public sealed class NativeExchanges() : EmbeddedExchanges(new EmbeddedBrokerOptions());

/// <summary>The embedded broker over a directory that goes with it, with the durability of its default.</summary>
public sealed class NativeExchangesOnDisk() : EmbeddedExchanges(
    new EmbeddedBrokerOptions { DataDirectory = Directory.CreateTempSubdirectory("mm-contract-").FullName });

/// <summary>One embedded broker for all tests of a run.</summary>
public abstract class EmbeddedExchanges(EmbeddedBrokerOptions options) : IExchangeProvider, IAsyncDisposable
{
    private readonly Lazy<Task<EmbeddedBroker>> _broker = new(() => EmbeddedBroker.StartAsync(options));
    private int _sites;

    /// <inheritdoc />
    public async ValueTask<ExchangeSite> OpenAsync()
    {
        EmbeddedBroker broker = await _broker.Value;
        string name = $"contract-{Interlocked.Increment(ref _sites)}";
        return await ExchangeSite.OpenAsync(
            () => broker.OpenVirtualHostAsync(name), () => broker.DeleteVirtualHostAsync(name), isReal: false, user: "guest");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
        if (options.DataDirectory is { } directory)
            Directory.Delete(directory, recursive: true);
    }
}
