using System.Net;
using System.Text.Json;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>Finds the management API of a broker that was given by its AMQP address, and makes sure that it is the same broker's.</summary>
internal static class ManagementProbe
{
    private const int DefaultPort = 15672;
    private const int DefaultTlsPort = 15671;

    /// <summary>A port that is filtered does not answer at all; nobody named it, so nobody should wait for it.</summary>
    private static readonly TimeSpan FindLimit = TimeSpan.FromSeconds(3);

    /// <summary>The API on its usual port, beside the AMQP address and with its login; one over TLS is never asked without.</summary>
    /// <returns>Its address, or null where it does not answer, refuses the login or is another broker's.</returns>
    public static async Task<Uri?> FindAsync(Uri amqp, AmqpServer server, string? authorities, CancellationToken cancellationToken)
    {
        bool tls = amqp.Scheme == "amqps";
        UriBuilder usual = new(tls ? "https" : "http", amqp.Host, tls ? DefaultTlsPort : DefaultPort);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FindLimit);
        try
        {
            return await CheckAsync(usual.Uri, amqp, server, authorities, limit.Token).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <param name="management">The API; without a login that of <paramref name="amqp"/> is taken.</param>
    /// <param name="amqp">The broker.</param>
    /// <param name="server">What it said of itself.</param>
    /// <param name="authorities">As in <see cref="TrustedAuthorities"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The address with a login.</returns>
    /// <exception cref="BrokerUnavailableException">It does not answer, refuses the login or is another broker's.</exception>
    public static async Task<Uri> CheckAsync(Uri management, Uri amqp, AmqpServer server, string? authorities, CancellationToken cancellationToken)
    {
        UriBuilder complete = new(management);
        if (management.UserInfo.Length == 0)
        {
            string[] login = amqp.UserInfo.Length == 0 ? ["guest", "guest"] : amqp.UserInfo.Split(':', 2);
            (complete.UserName, complete.Password) = (login[0], login.ElementAtOrDefault(1) ?? "");
        }

        string where = management.Authority;
        using HttpClient client = ManagementHttp.Create(complete.Uri, authorities);
        try
        {
            using HttpResponseMessage answer = await client.GetAsync("/api/overview", cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new BrokerUnavailableException($"the management API at {where} refuses the user '{Uri.UnescapeDataString(complete.UserName)}', check user, password and tags");
            string body = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            string? cluster = JsonDocument.Parse(body).RootElement.GetProperty("cluster_name").GetString();
            return server.Cluster is null || cluster == server.Cluster
                ? complete.Uri
                : throw new BrokerUnavailableException($"the management API at {where} is that of another broker: {cluster} in place of {server.Cluster}");
        }
        catch (HttpRequestException error)
        {
            throw new BrokerUnavailableException($"the management API at {where} cannot be reached: {ManagementHttp.ReasonOf(error)}", error);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BrokerUnavailableException($"{where} does not answer as RabbitMQ's management API does", error);
        }
    }
}
