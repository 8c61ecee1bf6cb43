using MessagingModels.Provisioning;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A management that listens with TLS is trusted, and refused, as AMQP is.</summary>
public sealed class TlsManagementTests(TlsRabbitMq rabbit) : IClassFixture<TlsRabbitMq>
{
    [Fact]
    public async Task A_certificate_of_a_known_authority_is_trusted()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(Options());
        Assert.Contains(await broker.ListExchangesAsync(), exchange => exchange.Declaration.Name == "amq.topic");
    }

    [Fact]
    public async Task The_host_in_the_address_is_the_name_where_none_is_given()
    {
        RabbitMqOptions options = Options();
        options.Uri = rabbit.PlainUri;
        options.ManagementUri = new Uri($"https://localhost:{rabbit.ManagementPort}");
        options.Tls.ServerName = null;
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        Assert.Contains(await broker.ListExchangesAsync(), exchange => exchange.Declaration.Name == "amq.topic");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        RabbitMqOptions options = Options();
        options.Uri = rabbit.PlainUri;
        options.Tls.AuthoritiesPath = rabbit.OtherAuthority;
        await RefusedAsync(options, "TLS failed: the authorities in RabbitMqTlsOptions.AuthoritiesPath do not vouch for its certificate (");
    }

    [Fact]
    public async Task A_certificate_that_the_machine_does_not_trust_is_refused()
    {
        RabbitMqOptions options = Options();
        options.Uri = rabbit.PlainUri;
        options.Tls.AuthoritiesPath = null;
        await RefusedAsync(options, "TLS failed: this machine does not trust its certificate (UntrustedRoot); see RabbitMqTlsOptions.AuthoritiesPath.");
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        RabbitMqOptions options = Options();
        options.Uri = rabbit.PlainUri;
        options.Tls.ServerName = null;
        await RefusedAsync(options, "TLS failed: its certificate is for 'localhost' and not for '127.0.0.1'; see RabbitMqTlsOptions.ServerName.");
    }

    [Fact]
    public async Task A_listener_of_the_other_kind_is_told()
    {
        RabbitMqOptions options = Options();
        options.ManagementUri = new UriBuilder(options.ManagementUri!) { Port = rabbit.PlainManagementUri.Port }.Uri;
        await RefusedAsync(options, "TLS failed: ");
        options.ManagementUri = new Uri($"http://127.0.0.1:{rabbit.ManagementPort}");
        await RefusedAsync(options, "127.0.0.1");
    }

    [Fact]
    public async Task A_given_broker_is_asked_under_the_authorities_that_were_given()
    {
        ProvisioningOptions options = new()
        {
            Address = new UriBuilder(Options().Uri) { Host = "localhost" }.Uri.ToString(),
            ManagementAddress = $"https://localhost:{rabbit.ManagementPort}",
            AuthoritiesPath = rabbit.Authority,
        };
        RabbitMqServer given = await RabbitMqServer.StartAsync(options, TestContext.Current.CancellationToken);
        using HttpClient client = given.CreateManagementClient(given.ManagementUri!);
        Assert.Contains("\"guest\"", await client.GetStringAsync("/api/whoami", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        BrokerUnavailableException refused = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RabbitMqServer.StartAsync(
            options with { Address = rabbit.PlainUri.ToString(), AuthoritiesPath = rabbit.OtherAuthority }, TestContext.Current.CancellationToken));
        Assert.Contains("The remote certificate is invalid", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("see inner exception", refused.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(RabbitMqOptions options, string reason)
    {
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.StartsWith($"RabbitMQ's management cannot be used at {options.ManagementUri!.Scheme}://127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("see inner exception", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private RabbitMqOptions Options()
    {
        RabbitMqOptions options = rabbit.Options();
        options.ManagementUri = new Uri($"https://127.0.0.1:{rabbit.ManagementPort}");
        return options;
    }
}
