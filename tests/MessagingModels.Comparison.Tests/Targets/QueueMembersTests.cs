using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Targets;

public class QueueMembersTests
{
    [Fact]
    public void Leader_and_members_are_the_nodes_that_the_management_api_names()
    {
        QueueMembers members = QueueMembers.Parse(
            """{"name":"q","type":"quorum","leader":"mm2@localhost","members":["mm1@localhost","mm2@localhost","mm3@localhost"],"online":["mm2@localhost","mm3@localhost"]}""");

        Assert.Equal("mm2@localhost", members.Leader);
        Assert.Equal(["mm1@localhost", "mm2@localhost", "mm3@localhost"], members.All);
        Assert.Equal(["mm2@localhost", "mm3@localhost"], members.Online);
    }

    [Theory]
    [InlineData("""{"name":"q","type":"classic"}""")]
    [InlineData("""{"name":"q","type":"quorum","leader":null}""")]
    [InlineData("""{"name":"q","type":"quorum","leader":""}""")]
    public void A_queue_without_a_leader_is_an_error(string json)
        => Assert.Throws<InvalidOperationException>(() => QueueMembers.Parse(json));
}
