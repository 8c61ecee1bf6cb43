using System.Buffers.Binary;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class RecordBatchViewTests
{
    [Fact]
    public void A_batch_cut_at_any_byte_is_refused()
    {
        byte[] batch = Batch();
        for (int length = 0; length < batch.Length; length++)
            Assert.NotEqual(RecordBatchError.None, new RecordBatchView(batch.AsSpan(0, length)).Validate());
    }

    [Fact]
    public void A_flipped_byte_anywhere_under_the_checksum_is_found()
    {
        for (int at = RecordBatchLayout.MagicPosition; at < Batch().Length; at++)
        {
            byte[] batch = Batch();
            batch[at] ^= 0x41;
            Assert.NotEqual(RecordBatchError.None, new RecordBatchView(batch).Validate());
        }
    }

    [Fact]
    public void A_flipped_byte_in_the_length_is_found()
    {
        for (int at = RecordBatchLayout.LengthPosition; at < RecordBatchLayout.PartitionLeaderEpochPosition; at++)
        {
            byte[] batch = Batch();
            batch[at] ^= 0x41;
            Assert.Equal(RecordBatchError.LengthMismatch, new RecordBatchView(batch).Validate());
        }
    }

    [Theory]
    [InlineData(0, RecordBatchError.UnsupportedMagic)]
    [InlineData(1, RecordBatchError.UnsupportedMagic)]
    [InlineData(3, RecordBatchError.UnsupportedMagic)]
    public void Another_magic_is_named_even_where_the_batch_is_shorter_than_a_header(byte magic, RecordBatchError expected)
    {
        byte[] old = new byte[26];
        old[RecordBatchLayout.MagicPosition] = magic;

        Assert.Equal(expected, new RecordBatchView(old).Validate());
    }

    [Fact]
    public void An_unknown_codec_is_named()
    {
        byte[] batch = Edited(b => b[RecordBatchLayout.AttributesPosition + 1] |= 5);
        Assert.Equal(RecordBatchError.UnknownCodec, new RecordBatchView(batch).Validate());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void A_record_count_that_cannot_be_is_named(int count)
    {
        byte[] batch = Edited(b => BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchLayout.RecordCountPosition), count));
        Assert.Equal(RecordBatchError.BadRecordCount, new RecordBatchView(batch).Validate());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_last_offset_delta_below_the_record_count_is_named(int delta)
    {
        byte[] batch = Edited(b => BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchLayout.LastOffsetDeltaPosition), delta));
        Assert.Equal(RecordBatchError.BadOffsetDelta, new RecordBatchView(batch).Validate());
    }

    [Fact]
    public void Holes_are_allowed_in_a_stored_batch_and_not_in_a_produced_one()
    {
        byte[] batch = Edited(b => BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchLayout.LastOffsetDeltaPosition), 9));
        var view = new RecordBatchView(batch);
        Assert.Equal(RecordBatchError.None, view.Validate());
        Assert.Equal(RecordBatchError.BadOffsetDelta, view.ValidateProduced());
    }

    [Fact]
    public void What_a_producer_may_not_send_is_named()
    {
        byte[] rebased = Batch();
        RecordBatchEditor.SetBaseOffset(rebased, 5);
        Assert.Equal(RecordBatchError.BadBaseOffset, new RecordBatchView(rebased).ValidateProduced());

        byte[] withoutSequence = Batch();
        RecordBatchEditor.SetProducerState(withoutSequence, 5, 0, -1, false);
        Assert.Equal(RecordBatchError.BadProducerState, new RecordBatchView(withoutSequence).ValidateProduced());

        byte[] withoutProducer = Batch();
        RecordBatchEditor.SetProducerState(withoutProducer, -1, -1, -1, true);
        Assert.Equal(RecordBatchError.BadProducerState, new RecordBatchView(withoutProducer).ValidateProduced());

        byte[] empty = new RecordBatchBuilder().BuildReplacement(new RecordBatchView(Batch()), hasDeleteHorizon: false).ToArray();
        Assert.Equal(RecordBatchError.None, new RecordBatchView(empty).Validate());
        Assert.Equal(RecordBatchError.BadRecordCount, new RecordBatchView(empty).ValidateProduced());
    }

    [Fact]
    public void Offsets_and_leader_epoch_are_set_without_touching_the_checksum()
    {
        byte[] batch = Batch();
        uint crc = new RecordBatchView(batch).StoredCrc;

        RecordBatchEditor.SetBaseOffset(batch, 77);
        RecordBatchEditor.SetPartitionLeaderEpoch(batch, 4);

        var view = new RecordBatchView(batch);
        Assert.Equal(RecordBatchError.None, view.Validate());
        Assert.Equal(crc, view.StoredCrc);
        Assert.Equal(77, view.BaseOffset);
        Assert.Equal(79, view.LastOffset);
        Assert.Equal(4, view.PartitionLeaderEpoch);
    }

    [Fact]
    public void Producer_state_and_append_time_are_set_under_a_new_checksum()
    {
        byte[] batch = Batch();

        RecordBatchEditor.SetProducerState(batch, 1234567890123, 7, 99, isTransactional: true);
        RecordBatchEditor.SetLogAppendTime(batch, 555);

        var view = new RecordBatchView(batch);
        Assert.Equal(RecordBatchError.None, view.Validate());
        Assert.Equal(1234567890123, view.ProducerId);
        Assert.Equal(7, view.ProducerEpoch);
        Assert.Equal(99, view.BaseSequence);
        Assert.Equal(101, view.LastSequence);
        Assert.True(view.IsTransactional);
        Assert.Equal(TimestampType.LogAppendTime, view.TimestampType);
        Assert.Equal(555, view.MaxTimestamp);
    }

    [Fact]
    public void A_sequence_wraps_to_zero()
    {
        byte[] batch = Batch();
        RecordBatchEditor.SetProducerState(batch, 1, 0, int.MaxValue - 1, false);
        Assert.Equal(0, new RecordBatchView(batch).LastSequence);
    }

    [Theory]
    [InlineData(48)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_length_that_no_batch_can_have_is_not_a_size(int length)
    {
        byte[] prefix = new byte[RecordBatchLayout.LogOverheadInBytes];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(RecordBatchLayout.LengthPosition), length);
        Assert.False(RecordBatchView.TryReadSize(prefix, out _));
    }

    [Fact]
    public void A_size_needs_the_first_twelve_bytes()
    {
        byte[] batch = Batch();
        Assert.False(RecordBatchView.TryReadSize(batch.AsSpan(0, 11), out _));
        Assert.True(RecordBatchView.TryReadSize(batch.AsSpan(0, 12), out int size));
        Assert.Equal(batch.Length, size);
    }

    private static byte[] Edited(Action<byte[]> edit)
    {
        byte[] batch = Batch();
        edit(batch);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatchLayout.CrcPosition), new RecordBatchView(batch).ComputeCrc());
        return batch;
    }

    private static byte[] Batch()
    {
        var builder = new RecordBatchBuilder();
        for (int i = 0; i < 3; i++)
            builder.Append(1000 + i, "key"u8, true, "value"u8, true, [new RecordHeaderData("name", new byte[] { 1 })]);
        return builder.Build().ToArray();
    }
}
