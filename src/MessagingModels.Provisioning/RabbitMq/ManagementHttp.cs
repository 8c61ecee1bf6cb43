using System.Net.Http.Headers;
using System.Text;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>Clients of RabbitMQ's management API.</summary>
internal static class ManagementHttp
{
    /// <summary>A client that logs in as the address says and asks nobody else. The caller disposes it.</summary>
    /// <param name="management">The API, with a login whose special characters are percent-encoded.</param>
    /// <param name="authorities">As in <see cref="TrustedAuthorities"/>.</param>
    /// <exception cref="BrokerUnavailableException">The file of authorities cannot be used.</exception>
    public static HttpClient Create(Uri management, string? authorities)
    {
        SocketsHttpHandler handler = new()
        {
            SslOptions = TrustedAuthorities.OptionsFor(management.IdnHost, authorities),
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        HttpClient client = new(handler) { BaseAddress = new UriBuilder(management) { UserName = "", Password = "" }.Uri };
        // A password may have a colon of its own, encoded or not; a user may not.
        string login = string.Join(':', management.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        return client;
    }

    /// <summary>Why a request failed; the client's own message may only refer to the inner exception.</summary>
    public static string ReasonOf(HttpRequestException error)
        => error.HttpRequestError is HttpRequestError.SecureConnectionError ? error.GetBaseException().Message : error.Message;
}
