using System.Text;
using MessagingModels.Kafka.Producing;

namespace MessagingModels.Kafka.Tests.Producing;

public sealed class ProducerTopicTests
{
    private const int BatchBytes = 1000;

    private readonly ProducerTopic _topic = new("orders", 3, BatchBytes, TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData("alice")]
    [InlineData("bob")]
    [InlineData("")]
    public void Keys_go_where_murmur2_says(string key)
        => Assert.Equal(
            (int)((Murmur2.Hash(Encoding.UTF8.GetBytes(key)) & 0x7fffffff) % 3),
            _topic.Select(new ProducerRecord("orders", key, "v"), Murmur2Partitioner.Instance, 1)!.Partition.Value);

    [Fact]
    public void Records_without_key_stay_together_for_a_batch_and_then_move_on()
    {
        ProducerRecord record = new("orders", null, "v");
        int[] partitions = [.. Enumerable.Range(0, 21).Select(_ => _topic.Select(record, Murmur2Partitioner.Instance, BatchBytes / 10)!.Partition.Value)];

        Assert.Single(partitions[..10].Distinct());
        Assert.Single(partitions[10..20].Distinct());
        Assert.NotEqual(partitions[0], partitions[10]);
        Assert.NotEqual(partitions[10], partitions[20]);
    }

    [Fact]
    public void Named_partition_wins_and_one_that_is_not_there_is_none()
    {
        Assert.Equal(2, _topic.Select(new ProducerRecord("orders", "alice", "v") { Partition = 2 }, Murmur2Partitioner.Instance, 1)!.Partition.Value);
        Assert.Null(_topic.Select(new ProducerRecord("orders", "alice", "v") { Partition = 3 }, Murmur2Partitioner.Instance, 1));
        Assert.Null(_topic.Select(new ProducerRecord("orders", "alice", "v") { Partition = -1 }, Murmur2Partitioner.Instance, 1));
    }
}
