using System.Text.Json;

namespace MessagingModels.Comparison.Targets;

/// <summary>What RabbitMQ's management API says of the nodes that hold a quorum queue, by their names in the cluster, such as <c>rmq2@localhost</c>.</summary>
/// <param name="Leader">The one that leads.</param>
/// <param name="All">All of them.</param>
/// <param name="Online">Those that run.</param>
internal sealed record QueueMembers(string Leader, IReadOnlyList<string> All, IReadOnlyList<string> Online)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <param name="management">A client of the management API; its time-out becomes that of an answer here.</param>
    /// <param name="amqp">The broker, whose virtual host has the queue.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The API does not answer, or knows of no leader.</exception>
    public static async Task<QueueMembers> ReadAsync(HttpClient management, Uri amqp, string queue, CancellationToken cancellationToken)
    {
        string virtualHost = amqp.AbsolutePath.Length > 1 ? amqp.AbsolutePath[1..] : "%2F";
        management.Timeout = AnswerLimit;
        try
        {
            return Parse(await management.GetStringAsync($"/api/queues/{virtualHost}/{Uri.EscapeDataString(queue)}", cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The client's own message may only refer to the inner exception.
            string reason = exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? exception.GetBaseException().Message : exception.Message;
            throw new InvalidOperationException($"RabbitMQ's management API did not say who holds the queue: {reason}", exception);
        }
    }

    internal static QueueMembers Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement queue = document.RootElement;
        return queue.TryGetProperty("leader", out JsonElement leader) && leader.GetString() is { Length: > 0 } name
            ? new QueueMembers(name, Names(queue, "members"), Names(queue, "online"))
            : throw new InvalidOperationException("RabbitMQ's management API names no leader of the queue; only quorum queues and streams have one.");
    }

    private static IReadOnlyList<string> Names(JsonElement queue, string property)
        => queue.TryGetProperty(property, out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(static name => name.GetString() ?? "")]
            : [];
}
