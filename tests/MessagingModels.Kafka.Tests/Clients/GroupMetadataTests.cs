using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Tests.Clients;

public sealed class GroupMetadataTests
{
    [Theory]
    [InlineData("billing", "member-1", 7, null)]
    [InlineData("billing", "member-1", 7, "till-1")]
    [InlineData("grüße", "", -1, null)]
    public void Membership_survives_the_way_through_the_clients_object(string groupId, string memberId, int generation, string? instance)
    {
        GroupMembership membership = new(groupId, memberId, generation, instance);

        Assert.Equal(membership, GroupMetadata.FromClient(GroupMetadata.ToClient(membership)));
    }

    [Fact]
    public void Client_still_writes_memberships_in_the_known_form()
    {
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new Dictionary<string, string>
        {
            ["bootstrap.servers"] = "127.0.0.1:1",
            ["group.id"] = "billing",
            ["group.instance.id"] = "till-1",
        }).SetLogHandler((_, _) => { }).Build();

        Assert.Equal(new GroupMembership("billing", "", -1, "till-1"), GroupMetadata.FromClient(consumer.ConsumerGroupMetadata));
    }

    [Fact]
    public void Unknown_form_is_refused()
        => Assert.Throws<InvalidOperationException>(() => GroupMetadata.Read("CGMDv3:\0\0\0\0"u8));
}
