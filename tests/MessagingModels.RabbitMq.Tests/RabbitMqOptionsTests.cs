using System.Net;
using System.Net.Sockets;

namespace MessagingModels.RabbitMq.Tests;

public sealed class RabbitMqOptionsTests
{
    [Fact]
    public void The_defaults_are_legal() => Assert.Empty(new RabbitMqOptions().Validate());

    [Fact]
    public void Every_illegal_option_is_named()
    {
        RabbitMqOptions options = new()
        {
            Uri = new Uri("http://localhost"),
            ManagementUri = new Uri("amqp://localhost"),
            Heartbeat = TimeSpan.FromSeconds(-1),
            RecoveryInterval = TimeSpan.Zero,
            ConnectTimeout = TimeSpan.Zero,
            OperationTimeout = TimeSpan.Zero,
            DrainTimeout = TimeSpan.FromSeconds(-1),
            CloseTimeout = TimeSpan.Zero,
            MaxMessageBytes = 0,
            Endpoints = { "host:port", "amqp://host" },
            Tls = { AuthoritiesPath = "/no/such/file.pem", ClientCertificatePath = "/no/such/file.pfx" },
        };
        IReadOnlyList<string> failures = options.Validate();
        foreach (string name in new[]
        {
            "Uri", "ManagementUri", "Heartbeat", "RecoveryInterval", "ConnectTimeout", "OperationTimeout", "DrainTimeout", "CloseTimeout", "MaxMessageBytes",
            "Endpoints has 'host:port'", "Endpoints has 'amqp://host'", "Tls.AuthoritiesPath", "Tls.ClientCertificatePath",
        })
            Assert.Single(failures, failure => failure.StartsWith(name + " ", StringComparison.Ordinal) || failure.StartsWith(name + ";", StringComparison.Ordinal));
    }

    [Fact]
    public void Draining_is_a_part_of_closing()
    {
        RabbitMqOptions options = new() { DrainTimeout = TimeSpan.FromSeconds(16) };
        Assert.Equal("DrainTimeout (00:00:16) is longer than CloseTimeout (00:00:15), which it is a part of.", Assert.Single(options.Validate()));
        options.CloseTimeout = options.DrainTimeout;
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void A_login_by_certificate_needs_tls_a_certificate_and_another_login_of_the_management()
    {
        RabbitMqOptions options = new() { ManagementUri = new Uri("https://rabbit1:15671"), Tls = { LogInByCertificate = true } };
        Assert.Collection(
            options.Validate(),
            static failure => Assert.Equal("Tls.LogInByCertificate needs TLS: begin Uri with amqps://.", failure),
            static failure => Assert.StartsWith("Tls.LogInByCertificate needs a certificate: ", failure, StringComparison.Ordinal),
            static failure => Assert.StartsWith("ManagementUri needs a user and a password of its own ", failure, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Illegal_options_are_refused_before_anything_is_tried()
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(
            () => RabbitMqExchangeBroker.ConnectAsync(new RabbitMqOptions { Uri = new Uri("amqp://host/a/b") }));
        Assert.Contains("%2F", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_address_is_named_in_one_line_without_the_password()
    {
        using Socket unused = new(SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)unused.LocalEndPoint!).Port;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(
            new RabbitMqOptions { Uri = new Uri($"amqp://alice:secret@127.0.0.1:{port}/shop"), Endpoints = { $"127.0.0.1:{port}" } }));
        Assert.Contains($"No RabbitMQ can be reached at 127.0.0.1:{port}, 127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RabbitMqExchangeBroker.ConnectAsync(
            new RabbitMqOptions { Uri = new Uri($"amqp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}") }, cancellationToken: soon.Token));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(
            new RabbitMqOptions { Uri = new Uri($"amqp://127.0.0.1:{port}"), ConnectTimeout = TimeSpan.FromMilliseconds(300) }));
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }
}
