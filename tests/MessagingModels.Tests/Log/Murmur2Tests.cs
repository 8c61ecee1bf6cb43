using System.Text;
using CsCheck;

namespace MessagingModels.Tests.Log;

public sealed class Murmur2Tests
{
    /// <summary>From Kafka's own test of <c>Utils.murmur2</c>.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_is_that_of_Kafkas_clients(string text, int hash)
        => Assert.Equal(hash, unchecked((int)Murmur2.Hash(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void The_default_partitioner_stays_within_the_partitions_and_gives_equal_keys_one_of_them()
        => Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[1, 50]).Sample((key, partitions) =>
        {
            int partition = Murmur2Partitioner.Instance.SelectPartition("orders", key, hasKey: true, [], partitions);
            return partition >= 0 && partition < partitions
                && partition == Murmur2Partitioner.Instance.SelectPartition("other", key, hasKey: true, [1], partitions);
        });

    [Fact]
    public void The_default_partitioner_leaves_records_without_key_to_the_batch()
        => Assert.Equal(-1, Murmur2Partitioner.Instance.SelectPartition("orders", [], hasKey: false, [], 3));

    [Fact]
    public void Round_robin_visits_every_partition_in_turn()
    {
        RoundRobinPartitioner partitioner = new();

        Assert.Equal(
            [0, 1, 2, 0, 1, 2],
            Enumerable.Range(0, 6).Select(_ => partitioner.SelectPartition("orders", "same"u8, hasKey: true, [], 3)));
    }
}
