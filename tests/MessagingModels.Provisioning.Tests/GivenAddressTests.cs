using System.Net;
using System.Net.Sockets;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Tests;

/// <summary>Addresses that are of no use; those that are good are tested where a broker runs.</summary>
public sealed class GivenAddressTests : IDisposable
{
    private readonly int _port = LoopbackPorts.Take(1)[0];

    public void Dispose() => LoopbackPorts.Return([_port]);

    [Fact]
    public async Task An_address_where_nobody_listens_is_named()
    {
        await UnavailableAsync(() => Kafka($"127.0.0.1:{_port}"), $"127.0.0.1:{_port} cannot be reached");
        await UnavailableAsync(() => RabbitMq($"amqp://guest:secret@127.0.0.1:{_port}/"), $"127.0.0.1:{_port} cannot be reached");
    }

    [Theory]
    [InlineData("127.0.0.1:notaport")]
    [InlineData("127.0.0.1:0")]
    [InlineData(":9092")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("::1")]
    [InlineData("[::1]9092")]
    [InlineData("127.0.0.1:9092,two words:9092")]
    [InlineData("kafka://127.0.0.1:9092/topic")]
    public async Task A_kafka_address_that_is_none_is_shown_with_the_form_it_should_have(string address)
        => await UnavailableAsync(() => Kafka(address), $"'{address}' is not HOST:PORT");

    [Theory]
    [InlineData("127.0.0.1:5672")]
    [InlineData("http://127.0.0.1:5672")]
    [InlineData("amqp:")]
    [InlineData("amqp://")]
    [InlineData("")]
    public async Task A_rabbitmq_address_that_is_none_is_shown_with_the_form_it_should_have(string address)
        => await UnavailableAsync(() => RabbitMq(address), $"'{address}' is not amqp(s)://");

    [Fact]
    public async Task A_virtual_host_with_a_slash_is_asked_to_be_encoded()
        => await UnavailableAsync(() => RabbitMq("amqp://guest:secret@127.0.0.1/a/b"), "write a slash in the virtual host's name as %2F");

    [Fact]
    public async Task A_password_is_never_shown()
    {
        await UnavailableAsync(() => RabbitMq("ampq://guest:secret@127.0.0.1:5672"), "127.0.0.1:5672");
        await UnavailableAsync(() => RabbitMq($"amqp://guest:secret@127.0.0.1:{_port}"), "cannot be reached");
        ProvisioningOptions noManagement = new() { Address = "amqp://127.0.0.1", ManagementAddress = "guest:secret@host" };
        await UnavailableAsync(() => RabbitMqServer.StartAsync(noManagement), "'host' is not http(s)://");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("AMQP\0\0\u0009\u0001")]
    [InlineData("")]
    public async Task A_server_that_is_another_kind_is_told_from_one_that_is_down(string answer)
    {
        using TcpListener listener = new(IPAddress.Loopback, _port);
        listener.Start();
        Task serving = ServeAsync(listener, answer, connections: 2);

        await UnavailableAsync(() => Kafka($"127.0.0.1:{_port}"), $"127.0.0.1:{_port}");
        await UnavailableAsync(() => RabbitMq($"amqp://127.0.0.1:{_port}"), $"127.0.0.1:{_port} does not answer as a RabbitMQ listener without TLS does");
        await serving;
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_in_time()
    {
        using TcpListener listener = new(IPAddress.Loopback, _port);
        listener.Start();
        ProvisioningOptions options = new() { Address = $"127.0.0.1:{_port}", StartTimeout = TimeSpan.FromMilliseconds(300) };

        await UnavailableAsync(() => KafkaServer.StartAsync(options), $"127.0.0.1:{_port} did not answer within 0.3 s");
        ProvisioningOptions rabbit = options with { Address = $"amqp://guest:secret@127.0.0.1:{_port}" };
        await UnavailableAsync(() => RabbitMqServer.StartAsync(rabbit), $"127.0.0.1:{_port} did not answer within 0.3 s");
        ProvisioningOptions secure = options with { Address = $"amqps://guest:secret@127.0.0.1:{_port}" };
        await UnavailableAsync(() => RabbitMqServer.StartAsync(secure), $"127.0.0.1:{_port} did not answer within 0.3 s");
    }

    [Fact]
    public async Task An_authorities_file_that_cannot_be_read_is_named()
    {
        using TcpListener listener = new(IPAddress.Loopback, _port);
        listener.Start();
        ProvisioningOptions options = new() { Address = $"amqps://127.0.0.1:{_port}", AuthoritiesPath = "/nowhere/ca.pem" };

        await UnavailableAsync(() => RabbitMqServer.StartAsync(options), "the authorities' file /nowhere/ca.pem cannot be read");
    }

    [Fact]
    public async Task A_kafka_that_clients_reach_over_tls_is_not_asked_in_plain_text()
    {
        using TcpListener listener = new(IPAddress.Loopback, _port);
        listener.Start();
        ProvisioningOptions options = new()
        {
            Address = $"127.0.0.1:{_port}",
            ClientSettings = new Dictionary<string, string> { ["security.protocol"] = "SASL_SSL", ["sasl.password"] = "secret" },
        };

        await using KafkaServer given = await KafkaServer.StartAsync(options);

        Assert.Equal(options.ClientSettings, given.ClientSettings);
        Assert.DoesNotContain("secret", given.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_was_named_and_failed_is_told_from_none()
    {
        ProvisioningOptions nothing = new() { UseContainers = false, Home = "" };
        ProvisioningOptions wrong = nothing with { Home = "/nowhere" };

        Assert.False(await WasConfiguredAsync(() => KafkaServer.StartAsync(nothing)));
        Assert.True(await WasConfiguredAsync(() => KafkaServer.StartAsync(wrong)));
        Assert.True(await WasConfiguredAsync(() => RabbitMqServer.StartAsync(wrong)));
        Assert.True(await WasConfiguredAsync(() => Kafka($"127.0.0.1:{_port}")));
        Assert.True(await WasConfiguredAsync(() => RabbitMq($"amqp://127.0.0.1:{_port}")));
    }

    private static async Task<bool> WasConfiguredAsync<T>(Func<Task<T>> startAsync)
        => (await Assert.ThrowsAsync<BrokerUnavailableException>(startAsync)).WasConfigured;

    private static Task<KafkaServer> Kafka(string address) => KafkaServer.StartAsync(new ProvisioningOptions { Address = address });

    private static Task<RabbitMqServer> RabbitMq(string address) => RabbitMqServer.StartAsync(new ProvisioningOptions { Address = address });

    private static async Task UnavailableAsync<T>(Func<Task<T>> startAsync, string reason)
    {
        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(startAsync);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static async Task ServeAsync(TcpListener listener, string answer, int connections)
    {
        byte[] request = new byte[64];
        for (int i = 0; i < connections; i++)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            await client.GetStream().ReadAtLeastAsync(request, 8);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        }
    }
}
