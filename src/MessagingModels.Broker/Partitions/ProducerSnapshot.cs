using System.Text;

namespace MessagingModels.Broker.Partitions;

/// <summary>
/// The producers and aborted transactions of a partition as of an offset, as bytes: what lies before the offset need not be read again
/// when the partition is opened. Written when a segment is complete and when the partition is closed.
/// </summary>
internal static class ProducerSnapshot
{
    public const string FileName = "producer-state";

    private const byte Version = 1;

    public static byte[] Encode(ProducerStates states, long offset)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(offset);
        writer.Write(states.Producers.Count);
        foreach (ProducerState producer in states.Producers)
        {
            writer.Write(producer.ProducerId);
            writer.Write(producer.Epoch);
            writer.Write(producer.LastTimestampMs);
            writer.Write(producer.TransactionFirstOffset);
            writer.Write(producer.BatchCount);
            foreach (ProducedBatch batch in producer.Batches)
            {
                writer.Write(batch.BaseSequence);
                writer.Write(batch.LastSequence);
                writer.Write(batch.BaseOffset);
                writer.Write(batch.LastOffset);
            }
        }
        writer.Write(states.Aborted.Count);
        foreach ((AbortedTransaction transaction, long firstOpenOffset) in states.Aborted.List())
        {
            writer.Write(transaction.ProducerId);
            writer.Write(transaction.FirstOffset);
            writer.Write(transaction.MarkerOffset);
            writer.Write(firstOpenOffset);
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a snapshot; null where the bytes are of another version, which is as good as none.</summary>
    public static (ProducerStates States, long Offset)? Decode(byte[] bytes)
    {
        using BinaryReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        if (bytes.Length == 0 || reader.ReadByte() != Version) return null;
        long offset = reader.ReadInt64();
        ProducerStates states = new();
        for (int count = reader.ReadInt32(); count > 0; count--) states.Restore(ReadProducer(reader));
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            AbortedTransaction transaction = new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            states.Aborted.Add(transaction, reader.ReadInt64());
        }
        return (states, offset);
    }

    private static ProducerState ReadProducer(BinaryReader reader)
    {
        ProducerState producer = new(reader.ReadInt64(), reader.ReadInt16())
        {
            LastTimestampMs = reader.ReadInt64(),
            TransactionFirstOffset = reader.ReadInt64(),
        };
        for (int count = reader.ReadInt32(); count > 0; count--)
            producer.Add(new ProducedBatch(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64()));
        return producer;
    }
}
