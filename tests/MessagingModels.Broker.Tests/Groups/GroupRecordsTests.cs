using System.Buffers;
using CsCheck;
using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Tests.Groups;

public class GroupRecordsTests
{
    private static readonly Gen<TopicPartition> s_partition =
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 10], Gen.Int[0, 9], (topic, number) => new TopicPartition(topic, number));

    [Fact]
    public void Offset_records_come_back_as_written()
        => Gen.Select(Gen.String, s_partition, Gen.Long, Gen.Int, Gen.String).Sample((group, partition, offset, epoch, metadata) =>
        {
            // Lone surrogates have no UTF-8; names and texts never hold any.
            if (!IsText(group) || !IsText(metadata))
                return;
            ArrayBufferWriter<byte> key = new(), value = new();
            StoredOffset stored = new(offset, epoch, metadata, 123);
            OffsetRecords.WriteOffsetKey(key, group, partition);
            OffsetRecords.WriteOffsetValue(value, stored);
            Assert.Equal(new OffsetRecordKey(OffsetRecordKind.Offset, group, partition), OffsetRecords.ReadKey(key.WrittenSpan));
            Assert.Equal(stored, OffsetRecords.ReadOffsetValue(value.WrittenSpan));
        });

    [Fact]
    public void Offset_key_is_laid_out_as_in_Kafka()
    {
        ArrayBufferWriter<byte> key = new();
        OffsetRecords.WriteOffsetKey(key, "g", new TopicPartition("t", 3));
        Assert.Equal(new byte[] { 0, 1, 0, 1, (byte)'g', 0, 1, (byte)'t', 0, 0, 0, 3 }, key.WrittenSpan.ToArray());
    }

    [Fact]
    public void Value_cut_anywhere_is_an_error_and_not_a_wrong_value()
    {
        ArrayBufferWriter<byte> value = new();
        OffsetRecords.WriteGroupValue(value, new GroupMetadata
        {
            ProtocolType = "consumer",
            Generation = 4,
            ProtocolName = "range",
            LeaderId = "a",
            StateTimestampMs = 5,
            Members = [new GroupMember { MemberId = "a", ClientId = "c", Protocols = [new GroupProtocol("range", new byte[] { 1, 2 })] }],
        });
        GroupMetadata whole = OffsetRecords.ReadGroupValue(value.WrittenSpan);
        Assert.Equal((4, "a", 2), (whole.Generation, whole.Members[0].MemberId, whole.Members[0].MetadataOf("range").Length));
        for (int length = 0; length < value.WrittenCount; length++)
        {
            byte[] cut = value.WrittenSpan[..length].ToArray();
            Assert.Throws<InvalidDataException>(() => OffsetRecords.ReadGroupValue(cut));
        }
    }

    [Fact]
    public void Subscription_and_assignment_come_back_as_written()
        => Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 5].Array, s_partition.HashSet, Gen.Int, Gen.Bool).Sample((topics, owned, generation, sticky) =>
        {
            byte[] bytes = ConsumerProtocol.WriteSubscription(new ConsumerSubscription(topics, owned, generation), sticky);
            Assert.True(ConsumerProtocol.TryReadSubscription(bytes, out ConsumerSubscription? read));
            Assert.Equal(topics, read.Topics);
            Assert.Equal(owned, read.OwnedPartitions.ToHashSet());
            Assert.Equal(generation, read.Generation);
            Assert.True(ConsumerProtocol.TryReadAssignment(ConsumerProtocol.WriteAssignment(owned), out IReadOnlyList<TopicPartition> assigned));
            Assert.Equal(owned, assigned.ToHashSet());
        });

    [Fact]
    public void Subscription_of_the_first_version_is_read()
    {
        byte[] bytes = [0, 0, 0, 0, 0, 1, 0, 1, (byte)'t', 255, 255, 255, 255];
        Assert.True(ConsumerProtocol.TryReadSubscription(bytes, out ConsumerSubscription? read));
        Assert.Equal(["t"], read.Topics);
        Assert.Empty(read.OwnedPartitions);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_but_never_throw()
        => Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            ConsumerProtocol.TryReadSubscription(bytes, out _);
            ConsumerProtocol.TryReadAssignment(bytes, out _);
            OffsetRecords.ReadKey(bytes);
        });

    private static bool IsText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
                return false;
        }

        return true;
    }
}
