using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Targets;

public class QueueLeaderTests
{
    [Fact]
    public void The_leader_is_the_node_that_the_management_api_names()
        => Assert.Equal("mm2@localhost", QueueLeader.Parse("""{"name":"q","type":"quorum","leader":"mm2@localhost","members":["mm1@localhost","mm2@localhost","mm3@localhost"]}"""));

    [Theory]
    [InlineData("""{"name":"q","type":"classic"}""")]
    [InlineData("""{"name":"q","type":"quorum","leader":null}""")]
    [InlineData("""{"name":"q","type":"quorum","leader":""}""")]
    public void A_queue_without_a_leader_is_an_error(string json)
        => Assert.Throws<InvalidOperationException>(() => QueueLeader.Parse(json));
}
