using System.Net.Http.Headers;
using System.Text;
using MessagingModels.Provisioning;
using MessagingModels.RabbitMq;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>
/// Real RabbitMQ, as provisioning finds or starts it. Where there is none its tests are skipped; where there is one that does not start they fail.
/// </summary>
public sealed class RabbitMqExchanges : IExchangeProvider, IAsyncDisposable
{
    /// <summary>The oldest that behaves as the contract says.</summary>
    private static readonly Version s_oldest = new(4, 3);

    /// <summary>Permits what is denied as it comes since 4.3; not known to servers that are too old here.</summary>
    private const string PermitSharedPrefetch = "deprecated_features.permit.global_qos";

    private readonly Lazy<Task<RabbitMqServer>> _server = new(StartAsync);
    private readonly HttpClient _management = new();
    private int _sites;

    /// <inheritdoc />
    public async ValueTask<ExchangeSite> OpenAsync()
    {
        RabbitMqServer server = await ServerAsync();
        if (Version.TryParse(server.Version.Split('-')[0], out Version? version) && version < s_oldest)
            Assert.Skip($"{server.Description}: the contract is that of RabbitMQ {s_oldest} and later.");
        if (server.ManagementUri is null)
            Assert.Skip($"{server.Description}: without its management API the tests cannot have a virtual host each.");
        string name = $"contract-{Environment.ProcessId}-{Interlocked.Increment(ref _sites)}";
        await SendAsync(HttpMethod.Put, server.ManagementUri, name);
        RabbitMqOptions options = new()
        {
            Uri = new UriBuilder(server.AmqpUri) { Path = name }.Uri,
            ManagementUri = server.ManagementUri,
        };
        return await ExchangeSite.OpenAsync(
            async () => await RabbitMqExchangeBroker.ConnectAsync(options),
            async () => await SendAsync(HttpMethod.Delete, server.ManagementUri, name),
            isReal: true, user: Uri.UnescapeDataString(server.AmqpUri.UserInfo.Split(':')[0]));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _management.Dispose();
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }

    private static async Task<RabbitMqServer> StartAsync()
    {
        ProvisioningOptions options = new() { StartTimeout = TimeSpan.FromMinutes(2) };
        try
        {
            return await RabbitMqServer.StartAsync(options with { Settings = new Dictionary<string, string> { [PermitSharedPrefetch] = "true" } });
        }
        catch (BrokerUnavailableException error) when (error.Message.Contains(PermitSharedPrefetch, StringComparison.Ordinal))
        {
            return await RabbitMqServer.StartAsync(options);
        }
    }

    private async Task<RabbitMqServer> ServerAsync()
    {
        try
        {
            return await _server.Value;
        }
        catch (BrokerUnavailableException error) when (!error.WasConfigured)
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
