using System.Net;
using System.Net.Sockets;

namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class ConnectingTests(RealRabbitMq rabbit)
{
    [Fact]
    public async Task A_wrong_password_is_refused_and_not_repeated()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync();
        options.Uri = new UriBuilder(options.Uri) { Password = "wrong-secret" }.Uri;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal(ReplyCode.AccessRefused, error.ReplyCode);
        Assert.Contains($"refused the user '{options.Uri.UserInfo.Split(':')[0]}' (403)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task An_unknown_virtual_host_is_named()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync(withManagement: false);
        options.Uri = new UriBuilder(options.Uri) { Path = "/nope" }.Uri;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal(ReplyCode.NotAllowed, error.ReplyCode);
        Assert.Contains("vhost nope not found (530)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_further_node_is_taken_where_the_first_does_not_answer()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync(withManagement: false);
        using Socket unused = new(SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        options.Endpoints.Add($"{options.Uri.Host}:{options.Uri.Port}");
        options.Uri = new UriBuilder(options.Uri) { Port = ((IPEndPoint)unused.LocalEndPoint!).Port }.Uri;
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        Assert.Equal("/", broker.VirtualHost);
        Assert.StartsWith("RabbitMQ ", broker.Capabilities.System, StringComparison.Ordinal);
    }
}
