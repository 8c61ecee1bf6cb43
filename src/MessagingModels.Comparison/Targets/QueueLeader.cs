using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MessagingModels.Comparison.Targets;

/// <summary>Asks RabbitMQ's management API which node leads a quorum queue.</summary>
internal static class QueueLeader
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <returns>The node's name in the cluster, such as <c>rmq2@localhost</c>.</returns>
    /// <exception cref="InvalidOperationException">The API does not answer, or knows of no leader.</exception>
    public static async Task<string> FindAsync(Uri management, Uri amqp, string queue, CancellationToken cancellationToken)
    {
        string virtualHost = amqp.AbsolutePath.Length > 1 ? amqp.AbsolutePath[1..] : "%2F";
        using HttpClient client = new() { Timeout = AnswerLimit };
        string[] user = Uri.UnescapeDataString(management.UserInfo).Split(':');
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user is [var name, var password] ? $"{name}:{password}" : "guest:guest")));
        Uri address = new(new UriBuilder(management) { UserName = "", Password = "" }.Uri, $"/api/queues/{virtualHost}/{Uri.EscapeDataString(queue)}");
        try
        {
            return Parse(await client.GetStringAsync(address, cancellationToken).ConfigureAwait(false));
        }
        catch (HttpRequestException exception)
        {
            throw new InvalidOperationException($"RabbitMQ's management API did not say which node leads: {exception.Message}", exception);
        }
    }

    internal static string Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("leader", out JsonElement leader) && leader.GetString() is { Length: > 0 } name
            ? name
            : throw new InvalidOperationException("RabbitMQ's management API names no leader of the queue; only quorum queues and streams have one.");
    }
}
