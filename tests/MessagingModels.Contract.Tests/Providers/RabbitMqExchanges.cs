using System.Net.Http.Headers;
using System.Text;
using MessagingModels.Provisioning;
using MessagingModels.RabbitMq;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>Real RabbitMQ, as provisioning finds or starts it.</summary>
public sealed class RabbitMqExchanges : IExchangeProvider, IAsyncDisposable
{
    private readonly Lazy<Task<RabbitMqServer>> _server = new(() => RabbitMqServer.StartAsync(new ProvisioningOptions
    {
        // Denied as it comes since 4.3.
        Settings = new Dictionary<string, string> { ["deprecated_features.permit.global_qos"] = "true" },
    }));

    private readonly HttpClient _management = new();
    private int _sites;

    /// <inheritdoc />
    public async ValueTask<ExchangeSite> OpenAsync()
    {
        RabbitMqServer server = await ServerAsync();
        if (server.ManagementUri is null)
            Assert.Skip($"{server.Description}: without its management API the tests cannot have a virtual host each.");
        string name = $"contract-{Environment.ProcessId}-{Interlocked.Increment(ref _sites)}";
        await SendAsync(HttpMethod.Put, server.ManagementUri, name);
        RabbitMqOptions options = new()
        {
            Uri = new UriBuilder(server.AmqpUri) { Path = name }.Uri,
            ManagementUri = server.ManagementUri,
            AutomaticRecovery = false,
        };
        return await ExchangeSite.OpenAsync(
            async () => await RabbitMqExchangeBroker.ConnectAsync(options),
            async () => await SendAsync(HttpMethod.Delete, server.ManagementUri, name));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _management.Dispose();
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }

    private async Task<RabbitMqServer> ServerAsync()
    {
        try
        {
            return await _server.Value;
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    private async Task SendAsync(HttpMethod method, Uri management, string virtualHost)
    {
        using HttpRequestMessage request = new(method, new UriBuilder(management) { UserName = "", Password = "", Path = $"/api/vhosts/{virtualHost}" }.Uri);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(management.UserInfo))));
        using HttpResponseMessage response = await _management.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}
