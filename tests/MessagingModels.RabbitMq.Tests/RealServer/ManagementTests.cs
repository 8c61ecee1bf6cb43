using System.Text.RegularExpressions;

namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class ManagementTests(RealRabbitMq rabbit)
{
    [Fact]
    public async Task Without_the_management_its_features_are_missing_and_say_what_to_set()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(withManagement: false));
        foreach (ExchangeFeature feature in new[] { ExchangeFeature.Policies, ExchangeFeature.QueueDescriptions, ExchangeFeature.ExchangeDescriptions })
        {
            Assert.False(broker.Capabilities.Supports(feature));
            Assert.Contains("RabbitMqOptions.ManagementUri", broker.Capabilities.Note(feature), StringComparison.Ordinal);
        }

        foreach (Func<Task> call in new Func<Task>[]
        {
            () => broker.ListQueuesAsync().AsTask(), () => broker.DescribeQueueAsync("q").AsTask(), () => broker.DescribeExchangeAsync("e").AsTask(),
            () => broker.ListExchangesAsync().AsTask(), () => broker.ListBindingsAsync().AsTask(), () => broker.ListPoliciesAsync().AsTask(),
            () => broker.DeletePolicyAsync("p").AsTask(), () => broker.SetPolicyAsync(new Policy("p", new Regex("x"), new Dictionary<string, object?>())).AsTask(),
            () => broker.DeclareExchangeAsync(new ExchangeDeclaration("e", ExchangeType.Fanout) { Internal = true }).AsTask(),
        })
            Assert.Contains("ManagementUri", (await Assert.ThrowsAsync<NotSupportedException>(call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_management_tells_the_exchange_types()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        Assert.True(broker.Capabilities.Supports(ExchangeFeature.ConsistentHashExchanges));
        Assert.False(broker.Capabilities.Supports(ExchangeFeature.DelayedMessageExchanges));
        Assert.False(broker.Capabilities.Supports(ExchangeFeature.OwnExchangeTypes));
        await Assert.ThrowsAsync<NotSupportedException>(() => broker.BindTopicAsync("topic", "amq.topic").AsTask());
    }

    [Fact]
    public async Task What_was_declared_is_described_and_listed()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        string name = RealRabbitMq.NewName();
        await broker.DeclareExchangeAsync(new ExchangeDeclaration(name, ExchangeType.Topic)
        {
            Internal = true,
            Arguments = new Dictionary<string, object?> { ["alternate-exchange"] = "amq.fanout" },
        });
        await broker.DeclareQueueAsync(name, new QueueArguments { MaxLength = 5 });
        await broker.BindQueueAsync(name, name, "a.#", new Dictionary<string, object?> { ["own"] = 1 });
        await broker.SetPolicyAsync(new Policy(name, new Regex($"^{name}$"), new Dictionary<string, object?> { ["message-ttl"] = 60_000 }) { Scope = PolicyScope.Queues });

        ExchangeDescription exchange = await broker.DescribeExchangeAsync(name);
        Assert.True(exchange.Declaration.Internal);
        Assert.Equal("amq.fanout", exchange.Declaration.Arguments["alternate-exchange"]);
        await RealRabbitMq.UntilAsync(async () => (await broker.DescribeQueueAsync(name)).Policy == name, "the policy is in force");
        QueueDescription queue = Assert.Single(await broker.ListQueuesAsync(), queue => queue.Declaration.Name == name);
        Assert.Equal(5L, queue.Declaration.Arguments["x-max-length"]);
        Assert.Contains(await broker.ListExchangesAsync(), other => other.Declaration.Name == name);
        Binding binding = Assert.Single(await broker.ListBindingsAsync(), binding => binding.Source == name);
        Assert.Equal(("a.#", BindingTarget.Queue, name, 1L), (binding.RoutingKey, binding.Target, binding.Destination, binding.Arguments["own"]));
        Policy policy = Assert.Single(await broker.ListPoliciesAsync(), policy => policy.Name == name);
        Assert.Equal((60_000L, PolicyScope.Queues), (policy.Definition["message-ttl"], policy.Scope));

        await broker.DeletePolicyAsync(name);
        await broker.DeletePolicyAsync(name);
        await broker.DeleteQueueAsync(name);
        await broker.DeleteExchangeAsync(name);
        Assert.Equal(ReplyCode.NotFound, (await Assert.ThrowsAsync<ChannelException>(() => broker.DescribeQueueAsync(name).AsTask())).ReplyCode);
        Assert.Equal(ReplyCode.NotFound, (await Assert.ThrowsAsync<ChannelException>(() => broker.DescribeExchangeAsync(name).AsTask())).ReplyCode);
    }

    [Fact]
    public async Task An_illegal_policy_is_refused_with_the_servers_reason()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => broker.SetPolicyAsync(
            new Policy("p", new Regex("x"), new Dictionary<string, object?> { ["no-such-key"] = 1 })).AsTask());
        Assert.Equal(ReplyCode.PreconditionFailed, error.ReplyCode);
        Assert.Contains("no-such-key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_management_that_cannot_be_used_fails_the_connecting_and_names_the_option()
    {
        RabbitMqOptions options = await rabbit.OptionsAsync();
        options.ManagementUri = new Uri("http://127.0.0.1:1");
        Assert.Contains(
            "RabbitMqOptions.ManagementUri", (await Assert.ThrowsAsync<ConnectionException>(() => RabbitMqExchangeBroker.ConnectAsync(options))).Message,
            StringComparison.Ordinal);
        options = await rabbit.OptionsAsync();
        options.ManagementUri = new UriBuilder(options.ManagementUri!) { UserName = "guest", Password = "wrong-secret" }.Uri;
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => RabbitMqExchangeBroker.ConnectAsync(options));
        Assert.Equal(ReplyCode.AccessRefused, refused.ReplyCode);
        Assert.DoesNotContain("wrong-secret", refused.ToString(), StringComparison.Ordinal);
    }
}
