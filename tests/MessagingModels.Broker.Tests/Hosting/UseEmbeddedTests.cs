using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessagingModels.Broker.Tests.Hosting;

public sealed class UseEmbeddedTests
{
    [Fact]
    public async Task Options_that_are_not_legal_fail_the_start_with_a_sentence_for_each()
    {
        using IHost host = BuildHost([], b => b.UseEmbedded(options =>
        {
            options.Durability = Storage.Durability.Fsync;
            options.RetentionCheckInterval = TimeSpan.Zero;
        }));

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(2, error.Failures.Count());
        Assert.Contains("Durability is Fsync but there is no DataDirectory", error.Message, StringComparison.Ordinal);
        Assert.Contains("RetentionCheckInterval (00:00:00) must be more than zero", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_come_from_the_section_and_then_from_code()
    {
        using IHost host = BuildHost(
            new()
            {
                ["Messaging:Embedded:DataDirectory"] = "/from/configuration",
                ["Messaging:Embedded:Durability"] = "fsync",
                ["Messaging:Embedded:RetentionCheckInterval"] = "00:00:30",
                ["Messaging:Embedded:TopicDefaults:retention.ms"] = "60000",
            },
            b => b.UseEmbedded(options => options.DataDirectory = "/from/code"));

        EmbeddedBrokerOptions options = host.Services.GetRequiredService<IOptions<EmbeddedBrokerOptions>>().Value;

        Assert.Equal("/from/code", options.DataDirectory);
        Assert.Equal(Storage.Durability.Fsync, options.Durability);
        Assert.Equal(TimeSpan.FromSeconds(30), options.RetentionCheckInterval);
        Assert.Equal("60000", options.TopicDefaults[TopicConfiguration.RetentionMs]);
    }

    [Fact]
    public async Task A_misspelt_setting_fails_the_start_and_is_named()
    {
        using IHost host = BuildHost(new() { ["Messaging:Embedded:DataDirectry"] = "/data" }, b => b.UseEmbedded());

        InvalidOperationException error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("DataDirectry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_cannot_be_read_fails_the_start_and_is_named()
    {
        using IHost host = BuildHost(new() { ["Messaging:Embedded:RetentionCheckInterval"] = "often" }, b => b.UseEmbedded());

        InvalidOperationException error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("Messaging:Embedded:RetentionCheckInterval", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exchange_types_and_assignors_among_the_services_reach_the_broker()
    {
        using IHost host = BuildHost([], b => b.UseEmbedded().AddExchangeType<EveryOther>().AddGroupAssignor<FirstTakesAll>());

        EmbeddedBrokerOptions options = host.Services.GetRequiredService<IOptions<EmbeddedBrokerOptions>>().Value;

        Assert.Equal("x-every-other", Assert.Single(options.ExchangeTypes).Name);
        Assert.Equal("first-takes-all", Assert.Single(options.GroupAssignors).Name);
    }

    [Fact]
    public void A_second_provider_beside_the_embedded_broker_is_refused()
        => Assert.Throws<InvalidOperationException>(() => BuildHost([], b => b.UseEmbedded().UseEmbedded()));

    private static IHost BuildHost(Dictionary<string, string?> configuration, Action<MessagingModelsBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Services.AddMessagingModels(builder.Configuration.GetSection("Messaging"), configure);
        return builder.Build();
    }

    private sealed class EveryOther : IExchangeType
    {
        public string Name => "x-every-other";

        public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => throw new ArgumentException("Not used here.");
    }

    private sealed class FirstTakesAll : IGroupAssignor
    {
        public string Name => "first-takes-all";

        public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
            IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members)
            => members.ToDictionary(
                member => member.MemberId,
                member => (IReadOnlyList<TopicPartition>)(member == members[0]
                    ? [.. partitionCounts.SelectMany(topic => Enumerable.Range(0, topic.Value).Select(i => new TopicPartition(topic.Key, i)))]
                    : []));
    }
}
