using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MessagingModels.Provisioning.Tests;

/// <summary>What the tests ask RabbitMQ's management API.</summary>
internal sealed class ManagementApi : IDisposable
{
    private readonly HttpClient _client;

    public ManagementApi(Uri address)
    {
        _client = new HttpClient { BaseAddress = new UriBuilder(address) { UserName = "", Password = "" }.Uri };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo)));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>How many members of the cluster run.</summary>
    public async Task<int> RunningNodesAsync()
    {
        using JsonDocument nodes = JsonDocument.Parse(await _client.GetStringAsync("/api/nodes", TestContext.Current.CancellationToken));
        return nodes.RootElement.EnumerateArray().Count(node => node.GetProperty("running").GetBoolean());
    }

    public async Task DeclareQueueAsync(string name)
    {
        using StringContent durable = new("""{"durable":true}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PutAsync($"/api/queues/%2F/{name}", durable, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    public async Task<bool> HasQueueAsync(string name)
    {
        using HttpResponseMessage answer = await _client.GetAsync($"/api/queues/%2F/{name}", TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
