using MessagingModels.Provisioning;
using MessagingModels.RabbitMq.Tests.RealServer;

[assembly: AssemblyFixture(typeof(RealRabbitMq))]

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A real RabbitMQ for all tests of this assembly; starts with the first that asks. Where there is none those tests are skipped with the reason; where one does not start they fail.</summary>
public sealed class RealRabbitMq : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private RabbitMqServer? _server;
    private BrokerUnavailableException? _unavailable;

    /// <summary>Waits end here at the latest; the machine may be busy with something else.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Options for the server, with its management unless told otherwise.</summary>
    public async Task<RabbitMqOptions> OptionsAsync(bool withManagement = true)
    {
        RabbitMqServer server = await StartAsync();
        return new RabbitMqOptions
        {
            Uri = server.AmqpUri,
            ManagementUri = withManagement ? server.ManagementUri : null,
            RecoveryInterval = TimeSpan.FromMilliseconds(200),
        };
    }

    /// <summary>Options for the server behind a proxy that can be cut.</summary>
    public async Task<RabbitMqOptions> OptionsAsync(TcpProxy proxy)
    {
        RabbitMqOptions options = await OptionsAsync();
        proxy.Start(options.Uri.Host, options.Uri.Port);
        options.Uri = new UriBuilder(options.Uri) { Host = "127.0.0.1", Port = proxy.Port }.Uri;
        return options;
    }

    /// <summary>A name that no other test uses.</summary>
    public static string NewName() => $"test-{Guid.NewGuid():N}";

    /// <summary>Waits for a condition.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < Patience, $"Waited {Patience.TotalSeconds} s in vain until: {what}.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _starting.Dispose();
    }

    private async Task<RabbitMqServer> StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_unavailable is null && _server is null)
                _server = await RabbitMqServer.StartAsync(new ProvisioningOptions { StartTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (BrokerUnavailableException error)
        {
            _unavailable = error;
        }
        finally
        {
            _starting.Release();
        }

        Assert.SkipWhen(_unavailable is { WasConfigured: false }, $"No RabbitMQ can be had: {_unavailable?.Message}");
        if (_unavailable is not null)
            throw new BrokerUnavailableException(_unavailable.Message, _unavailable);
        return _server!;
    }
}
