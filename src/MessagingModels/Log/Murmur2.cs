using System.Buffers.Binary;

namespace MessagingModels;

/// <summary>32-bit MurmurHash2 with the seed of Kafka's clients (<c>org.apache.kafka.common.utils.Utils.murmur2</c>).</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint M = 0x5bd1e995;
    private const int R = 24;

    /// <summary>Hashes bytes.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>The hash; Kafka clears its top bit before taking the remainder.</returns>
    public static uint Hash(ReadOnlySpan<byte> data)
    {
        uint hash = Seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(data) * M;
            k ^= k >> R;
            hash = (hash * M) ^ (k * M);
            data = data[4..];
        }

        if (data.Length > 0)
        {
            for (int i = data.Length - 1; i >= 0; i--)
                hash ^= (uint)data[i] << (8 * i);
            hash *= M;
        }

        hash ^= hash >> 13;
        hash *= M;
        return hash ^ (hash >> 15);
    }
}
