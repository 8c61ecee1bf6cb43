using System.Diagnostics;
using MessagingModels.RabbitMq.Connections;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>What goes wrong with TLS is told at once and in one line.</summary>
public sealed class TlsTests(TlsRabbitMq rabbit) : IClassFixture<TlsRabbitMq>
{
    /// <summary>None of it waits for anything; the machine may be busy with something else.</summary>
    private static readonly TimeSpan s_atOnce = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_certificate_of_a_known_authority_is_trusted()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(rabbit.Options());
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("", "no-such-queue", "x", mandatory: true));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Tls.AuthoritiesPath = rabbit.OtherAuthority;
        await RefusedAsync(options, "the authorities in RabbitMqTlsOptions.AuthoritiesPath do not vouch for its certificate (");
    }

    [Fact]
    public async Task A_certificate_that_the_machine_does_not_trust_is_refused()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Tls.AuthoritiesPath = null;
        await RefusedAsync(options, "this machine does not trust its certificate (UntrustedRoot); see RabbitMqTlsOptions.AuthoritiesPath.");
    }

    [Theory]
    [InlineData("elsewhere", "elsewhere")]
    [InlineData(null, "127.0.0.1")]
    public async Task A_certificate_for_another_host_is_refused(string? serverName, string wanted)
    {
        RabbitMqOptions options = rabbit.Options();
        options.Tls.ServerName = serverName;
        await RefusedAsync(options, $"its certificate is for 'localhost' and not for '{wanted}'; see RabbitMqTlsOptions.ServerName.");
    }

    [Fact]
    public async Task A_listener_without_tls_is_told()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Uri = new UriBuilder(options.Uri) { Port = rabbit.PlainUri.Port }.Uri;
        await RefusedAsync(options, "Check that it listens with TLS there.");
    }

    [Fact]
    public async Task A_listener_with_tls_is_told_where_the_address_asks_for_none()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Uri = new UriBuilder(options.Uri) { Scheme = "amqp" }.Uri;
        options.ConnectTimeout = TimeSpan.FromSeconds(1);
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.EndsWith("begin the address with amqps if it listens with TLS there.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_as_without_tls()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Uri = new UriBuilder(options.Uri) { Password = "wrong-secret" }.Uri;
        ConnectionException error = await RefusedAtOnceAsync(options);
        Assert.Equal(ReplyCode.AccessRefused, error.ReplyCode);
        Assert.Contains("refused the user 'guest' (403)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_holds_no_certificate_is_named()
    {
        RabbitMqOptions options = rabbit.Options();
        options.Tls.ClientCertificatePath = rabbit.Authority;
        ArgumentException own = await Assert.ThrowsAsync<ArgumentException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.StartsWith($"'{rabbit.Authority}' holds no PKCS#12 certificate", own.Message, StringComparison.Ordinal);
        options.Tls.ClientCertificatePath = null;
        string notText = typeof(ConnectionSettings).Assembly.Location;
        options.Tls.AuthoritiesPath = notText;
        ArgumentException authorities = await Assert.ThrowsAsync<ArgumentException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal($"'{notText}' holds no certificate in PEM format.", authorities.Message);
    }

    private static async Task RefusedAsync(RabbitMqOptions options, string reason)
    {
        ConnectionException error = await RefusedAtOnceAsync(options);
        Assert.StartsWith($"TLS with RabbitMQ at 127.0.0.1:{options.Uri.Port} failed: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static async Task<ConnectionException> RefusedAtOnceAsync(RabbitMqOptions options)
    {
        var watch = Stopwatch.StartNew();
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_atOnce);
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
