using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MessagingModels.RabbitMq.Management;

namespace MessagingModels.RabbitMq.Tests.Management;

public sealed class ManagementJsonTests
{
    [Fact]
    public void A_policy_comes_back_as_it_was()
    {
        Policy policy = new("ttl", new Regex("^orders\\."), new Dictionary<string, object?> { ["message-ttl"] = 60_000L, ["dead-letter-exchange"] = "dead" })
        {
            Priority = 7,
            Scope = PolicyScope.Queues,
        };
        JsonObject json = ManagementJson.FromPolicy(policy);
        json["name"] = policy.Name;
        Policy read = ManagementJson.ToPolicy(JsonNode.Parse(json.ToJsonString())!);
        Assert.Equal(policy.Pattern.ToString(), read.Pattern.ToString());
        Assert.Equal(policy.Definition, read.Definition);
        Assert.Equal((policy.Name, policy.Priority, policy.Scope), (read.Name, read.Priority, read.Scope));
    }

    [Fact]
    public void Options_of_a_pattern_are_written_into_it()
    {
        Policy policy = new("p", new Regex("^a", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), new Dictionary<string, object?>());
        Assert.Equal("(?i)^a", ManagementJson.FromPolicy(policy)["pattern"]!.GetValue<string>());
        Policy backwards = policy with { Pattern = new Regex("a", RegexOptions.RightToLeft) };
        Assert.Contains("RightToLeft", Assert.Throws<ArgumentException>(() => ManagementJson.FromPolicy(backwards)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_without_statistics_counts_nothing()
    {
        QueueDescription queue = ManagementJson.ToQueue(JsonNode.Parse(
            """{"name":"q","durable":true,"auto_delete":false,"exclusive":true,"arguments":{"x-max-length":5,"x-queue-type":"classic"},"policy":null,"state":"running"}""")!);
        Assert.Equal(0, queue.ReadyMessages);
        Assert.True(queue.Declaration.Exclusive);
        Assert.Equal(5L, queue.Declaration.Arguments["x-max-length"]);
        Assert.Null(queue.Policy);
        Assert.Null(queue.Error);
    }

    [Fact]
    public void A_queue_that_is_down_says_so()
        => Assert.Equal("The queue is down.", ManagementJson.ToQueue(JsonNode.Parse("""{"name":"q","state":"down"}""")!).Error);

    [Theory]
    [InlineData("""{"error":"bad_request","reason":"invalid"}""", "invalid")]
    [InlineData("<html>no json</html>", "<html>no json</html>")]
    public void The_reason_of_a_refusal_is_found(string body, string reason) => Assert.Equal(reason, ManagementJson.ReasonOf(body));
}
