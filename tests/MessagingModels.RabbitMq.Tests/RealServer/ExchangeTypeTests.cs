using MessagingModels.Provisioning;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>Exchange types of plugins, where no management tells which there are.</summary>
public sealed class ExchangeTypeTests : IAsyncLifetime
{
    private RabbitMqServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _server = await RabbitMqServer.StartAsync(new ProvisioningOptions { UseContainers = false, StartTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip($"No RabbitMQ can be had whose log can be read: {error.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Connecting_leaves_no_error_in_the_servers_log()
    {
        RabbitMqOptions options = new() { Uri = _server.AmqpUri, ConnectionName = RealRabbitMq.NewName() };
        await using (RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options))
            await broker.DeclareQueueAsync("queue");
        string log = "";
        await RealRabbitMq.UntilAsync(
            async () => (log = await ReadLogAsync()).Split('\n').Count(line => line.Contains(options.ConnectionName, StringComparison.Ordinal)) > 1,
            "the server has logged the connection and its end");
        Assert.DoesNotContain("[error]", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_without_its_plugin_is_refused_at_its_declaration()
    {
        Assert.SkipWhen(Version.Parse(_server.Version) < new Version(4, 3), "Older servers close the connection.");
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(new RabbitMqOptions { Uri = _server.AmqpUri });
        Assert.StartsWith("if the server has the plugin ", broker.Capabilities.Note(ExchangeFeature.DelayedMessageExchanges), StringComparison.Ordinal);
        ExchangeDeclaration delayed = new("delayed", ExchangeType.DelayedMessage)
        {
            Arguments = new Dictionary<string, object?> { ["x-delayed-type"] = ExchangeType.Direct },
        };
        NotSupportedException missing = await Assert.ThrowsAsync<NotSupportedException>(() => broker.DeclareExchangeAsync(delayed).AsTask());
        Assert.Contains("does not support delayed message exchanges: its plugin is not enabled on the server (", missing.Message, StringComparison.Ordinal);
        await broker.DeclareExchangeAsync(new ExchangeDeclaration("hashed", ExchangeType.ConsistentHash));
        ChannelException other = await Assert.ThrowsAsync<ChannelException>(
            () => broker.DeclareExchangeAsync(new ExchangeDeclaration("hashed", ExchangeType.Random)).AsTask());
        Assert.Contains("inequivalent arg 'type'", other.Message, StringComparison.Ordinal);
        await RealRabbitMq.UntilAsync(async () => (await ReadLogAsync()).Contains("[error]", StringComparison.Ordinal), "the server has logged the refusal");
    }

    private async Task<string> ReadLogAsync()
    {
        string[] files = Directory.GetFiles(_server.LogDirectory!);
        string[] texts = await Task.WhenAll(files.Select(static async file =>
        {
            await using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(stream);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }));
        return string.Concat(texts);
    }
}
