using System.Text;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

/// <summary>Hashes that org.apache.kafka.common.utils.Utils.murmur2 of Kafka 4.3.1 gave: every length of the tail, and bytes with the top bit set.</summary>
public class KafkaKeyHashTests
{
    [Theory]
    [InlineData("", 0x106e08d9)]
    [InlineData("99", 0x4ccb180d)]
    [InlineData("1834", 0xc1d9eed0)]
    [InlineData("5a94c9", 0xed55d6b2)]
    [InlineData("390b7702", 0x247dd11a)]
    [InlineData("09d32a595d", 0x05edc076)]
    [InlineData("41f4b3e59247", 0xbc618670)]
    [InlineData("05194bb55dcab3", 0x965a71fb)]
    [InlineData("0016175aa147e1f3", 0x55e0a4af)]
    [InlineData("e98ee81edf7fae40bf", 0x2b9e7ab1)]
    [InlineData("fced52b202e34d15e5c4", 0x522f6571)]
    [InlineData("166fc2edcea4fb1b65e240", 0xe60f1572)]
    [InlineData("e944b31d0705e6c8b71cf8bd", 0xf0d0c63e)]
    [InlineData("fc97c696693058b22edd1479f1", 0x73aa66c8)]
    [InlineData("e1c82141a6a46d99364cf461b317", 0xfbfa7dc2)]
    [InlineData("ee614cc5a74b029f8f814e38d93995", 0x5ffd125a)]
    [InlineData("94aa2150847891d75da8ddddc46434af", 0xd9f7b84a)]
    [InlineData("eb50781ae04364f9b3a3f3707eab79470b", 0xcc2f0f8c)]
    [InlineData("ff", 0xed6f615b)]
    [InlineData("80ff", 0xfb39d712)]
    [InlineData("fffe80", 0xf66b8283)]
    [InlineData("ffffffff", 0x266546a5)]
    [InlineData("0000000000", 0x0fb141cf)]
    public void It_gives_what_Kafka_gives(string key, uint hash) => Assert.Equal(hash, KafkaKeyHash.Hash(Convert.FromHexString(key)));

    [Theory]
    [InlineData("customer-0", 3, 3)]
    [InlineData("customer-1", 1, 1)]
    [InlineData("customer-1999", 1, 5)]
    [InlineData("Zürich", 1, 1)]
    [InlineData("键", 0, 4)]
    public void It_chooses_the_partition_that_Kafka_chooses(string key, int ofFour, int ofEight)
    {
        Assert.Equal(ofFour, KafkaKeyHash.PartitionOf(Encoding.UTF8.GetBytes(key), 4));
        Assert.Equal(ofEight, KafkaKeyHash.PartitionOf(Encoding.UTF8.GetBytes(key), 8));
    }

    [Fact]
    public void The_partitioner_agrees_for_every_key_of_the_generated_workload()
        => Assert.All(
            GeneratedWorkload.Create().Select(static message => message.Key).Distinct(),
            static key => Assert.Equal(
                KafkaKeyHash.PartitionOf(Encoding.UTF8.GetBytes(key), 8),
                Murmur2Partitioner.Instance.SelectPartition("orders", Encoding.UTF8.GetBytes(key), hasKey: true, [], 8)));
}
