namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A certificate in place of user and password (SASL EXTERNAL).</summary>
public sealed class CertificateLoginTests(TlsRabbitMq rabbit) : IClassFixture<TlsRabbitMq>
{
    [Fact]
    public async Task A_certificate_logs_in_where_the_server_has_the_plugin_and_the_user()
    {
        RabbitMqOptions options = rabbit.CertificateOptions("guest");
        ConnectionException without = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Contains("PLAIN", without.Message, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_auth_mechanism_ssl", without.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', without.Message);

        await rabbit.EnableAsync("rabbitmq_auth_mechanism_ssl");
        options.ManagementUri = new UriBuilder($"https://127.0.0.1:{rabbit.ManagementPort}") { UserName = "guest", Password = "guest" }.Uri;
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        await broker.DeclareQueueAsync(new QueueDeclaration("own") { Exclusive = true });
        Assert.Contains(await broker.ListQueuesAsync(), queue => queue.Declaration.Name == "own");

        ConnectionException stranger = await Assert.ThrowsAsync<ConnectionException>(
            () => RabbitMqExchangeBroker.ConnectAsync(rabbit.CertificateOptions("stranger")));
        Assert.Equal(ReplyCode.AccessRefused, stranger.ReplyCode);
        Assert.Contains("refused the certificate 'CN=stranger' (403)", stranger.Message, StringComparison.Ordinal);
    }
}
