using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MessagingModels.RabbitMq.Connections;

namespace MessagingModels.RabbitMq.Management;

/// <summary>The part of RabbitMQ's management HTTP API that AMQP 0-9-1 has no commands for. Thread-safe.</summary>
internal sealed class ManagementClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _user;
    private readonly string _virtualHost;
    private readonly ServerCertificateCheck? _check;

    /// <param name="address">Where the API is; its credentials win over those given.</param>
    /// <param name="user">The connection's user.</param>
    /// <param name="password">The connection's password.</param>
    /// <param name="virtualHost">The virtual host that all names belong to.</param>
    /// <param name="timeout">How long an answer may take.</param>
    /// <param name="tls">How <c>https</c> is spoken; null where the address is none.</param>
    public ManagementClient(Uri address, string user, string password, string virtualHost, TimeSpan timeout, TlsSettings? tls)
    {
        string[] credentials = address.UserInfo.Split(':', 2);
        if (credentials is [{ Length: > 0 } ownUser, var ownPassword])
            (user, password) = (Uri.UnescapeDataString(ownUser), Uri.UnescapeDataString(ownPassword));
        _user = user;
        _virtualHost = virtualHost;
        SocketsHttpHandler handler = new();
        bool isSecure = address.Scheme == Uri.UriSchemeHttps;
        if (isSecure && tls is not null)
        {
            _check = tls.CheckFor(address.IdnHost);
            handler.SslOptions = tls.ForHttp(_check);
        }

        _http = new HttpClient(handler)
        {
            BaseAddress = new UriBuilder(address) { UserName = "", Password = "", Path = address.AbsolutePath.TrimEnd('/') + "/api/" }.Uri,
            Timeout = timeout,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        // The handler takes the name that it asks for, and that it compares the certificate with, from this header.
        if (isSecure && tls is not null)
            _http.DefaultRequestHeaders.Host = $"{tls.NameFor(address.IdnHost)}:{address.Port}";
    }

    /// <summary>The names of the exchange types that the server knows.</summary>
    public async Task<IReadOnlySet<string>> ListExchangeTypesAsync(CancellationToken cancellationToken)
    {
        JsonNode overview = await GetAsync("overview", cancellationToken).ConfigureAwait(false)
            ?? throw Unreachable("it answered nothing", null);
        return overview["exchange_types"] is JsonArray types
            ? types.Select(static type => type?["name"]?.GetValue<string>()).OfType<string>().ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();
    }

    /// <summary>Tells whether a deprecated feature may still be used; false where the server does not say, or not to this user.</summary>
    public async Task<bool> IsPermittedAsync(string deprecatedFeature, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync("deprecated-features", cancellationToken).ConfigureAwait(false) is JsonArray features
                && features.Any(feature => feature?["name"]?.GetValue<string>() == deprecatedFeature
                    && feature["state"]?.GetValue<string>() == "permitted");
        }
        catch (ChannelException refused) when (refused.ReplyCode is ReplyCode.AccessRefused)
        {
            return false;
        }
    }

    /// <summary>An exchange; null where there is none of that name.</summary>
    public async Task<ExchangeDescription?> FindExchangeAsync(string name, CancellationToken cancellationToken)
        => await GetAsync($"exchanges/{Here}/{Escape(name.Length == 0 ? "amq.default" : name)}", cancellationToken).ConfigureAwait(false) is { } exchange
            ? ManagementJson.ToExchange(exchange)
            : null;

    public Task<List<ExchangeDescription>> ListExchangesAsync(CancellationToken cancellationToken)
        => ListAsync($"exchanges/{Here}", ManagementJson.ToExchange, cancellationToken);

    /// <summary>Declares an exchange; RabbitMQ.Client cannot declare internal ones.</summary>
    /// <exception cref="ChannelException">It exists with other values, or a value is not legal.</exception>
    public Task DeclareExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Put, $"exchanges/{Here}/{Escape(exchange.Name)}", ManagementJson.FromExchange(exchange), cancellationToken);

    /// <summary>A queue; null where there is none of that name.</summary>
    public async Task<ManagedQueue?> FindQueueAsync(string name, CancellationToken cancellationToken)
        => await GetAsync($"queues/{Here}/{Escape(name)}", cancellationToken).ConfigureAwait(false) is { } queue
            ? new ManagedQueue(ManagementJson.ToQueue(queue), ManagementJson.Expires(queue), ManagementJson.Type(queue))
            : null;

    public Task<List<QueueDescription>> ListQueuesAsync(CancellationToken cancellationToken)
        => ListAsync($"queues/{Here}", ManagementJson.ToQueue, cancellationToken);

    public Task<List<Binding>> ListBindingsAsync(CancellationToken cancellationToken)
        => ListAsync($"bindings/{Here}", ManagementJson.ToBinding, cancellationToken);

    /// <exception cref="ChannelException">A key or value of its definition is not legal.</exception>
    public Task SetPolicyAsync(Policy policy, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Put, $"policies/{Here}/{Escape(policy.Name)}", ManagementJson.FromPolicy(policy), cancellationToken);

    public Task DeletePolicyAsync(string name, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Delete, $"policies/{Here}/{Escape(name)}", null, cancellationToken);

    public Task<List<Policy>> ListPoliciesAsync(CancellationToken cancellationToken)
        => ListAsync($"policies/{Here}", ManagementJson.ToPolicy, cancellationToken);

    public void Dispose() => _http.Dispose();

    private string Here => Escape(_virtualHost);

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private async Task<List<T>> ListAsync<T>(string path, Func<JsonNode, T> convert, CancellationToken cancellationToken)
        => await GetAsync(path, cancellationToken).ConfigureAwait(false) is JsonArray items
            ? items.OfType<JsonNode>().Select(convert).ToList()
            : [];

    private async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await RequestAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound)
            return null;
        await CheckAsync(response, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException error)
        {
            throw Unreachable("what answers there is not RabbitMQ's management", error);
        }
    }

    private async Task SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await RequestAsync(method, path, body, cancellationToken).ConfigureAwait(false);
        if (method != HttpMethod.Delete || response.StatusCode is not HttpStatusCode.NotFound)
            await CheckAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        try
        {
            return await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable(ReasonOf(error), error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {_http.Timeout}", error);
        }
    }

    private async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        string reason = ManagementJson.ReasonOf(text).ReplaceLineEndings(" ").Trim();
        throw response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ChannelException(
                ReplyCode.AccessRefused,
                $"ACCESS_REFUSED - RabbitMQ's management at {_http.BaseAddress} refused the user '{_user}': {reason}. " +
                "It needs the right password and the tag 'management' or 'policymaker'."),
            HttpStatusCode.NotFound => new ChannelException(ReplyCode.NotFound, $"NOT_FOUND - {reason}"),
            HttpStatusCode.BadRequest => new ChannelException(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {reason}"),
            _ => new ChannelException(
                ReplyCode.InternalError, $"INTERNAL_ERROR - RabbitMQ's management at {_http.BaseAddress} answered {(int)response.StatusCode}: {reason}"),
        };
    }

    /// <summary>The handler's own message refers to the inner exception where it knows nothing itself.</summary>
    private string ReasonOf(HttpRequestException error) => (error switch
    {
        { HttpRequestError: HttpRequestError.SecureConnectionError } => $"TLS failed: {_check?.Refusal ?? error.GetBaseException().Message}",
        { InnerException: null or SocketException } => error.Message,
        _ => error.GetBaseException().Message,
    }).TrimEnd('.');

    private ConnectionException Unreachable(string why, Exception? cause) => new(
        ReplyCode.ConnectionForced,
        $"RabbitMQ's management cannot be used at {_http.BaseAddress}: {why}. Check RabbitMqOptions.ManagementUri.", cause);
}

/// <summary>A queue as the management knows it.</summary>
/// <param name="Description">The queue; its figures are some seconds old.</param>
/// <param name="Expires">True where it goes when it is not used for a time.</param>
/// <param name="Type">Its <see cref="QueueType"/>.</param>
internal sealed record ManagedQueue(QueueDescription Description, bool Expires, string Type);
