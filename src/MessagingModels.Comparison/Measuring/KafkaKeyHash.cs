namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// Which partition Kafka's clients choose for a key, written from Austin Appleby's description of MurmurHash2 and held to hashes that Kafka's own
/// <c>Utils.murmur2</c> gave: the check of a partitioner, so it shares nothing with one.
/// </summary>
internal static class KafkaKeyHash
{
    private const ulong Modulus = 1UL << 32;
    private const ulong Multiplier = 0x5bd1e995;
    private const ulong Seed = 0x9747b28c;

    public static int PartitionOf(ReadOnlyMemory<byte> key, int partitions) => (int)(Hash(key.ToArray()) % (1UL << 31) % (ulong)partitions);

    /// <summary>Plain arithmetic modulo 2^32, byte by byte.</summary>
    public static ulong Hash(byte[] key)
    {
        ulong hash = Seed ^ (ulong)key.Length;
        int whole = key.Length / 4 * 4;
        for (int i = 0; i < whole; i += 4)
            hash = Times(hash) ^ Times(Fold(Times(Word(key, i, 4)), 24));
        if (whole < key.Length)
            hash = Times(hash ^ Word(key, whole, key.Length - whole));
        return Fold(Times(Fold(hash, 13)), 15);
    }

    /// <summary>Bytes as a number, the first the least; none of them has a sign.</summary>
    private static ulong Word(byte[] key, int start, int count)
    {
        ulong word = 0;
        for (int i = count - 1; i >= 0; i--)
            word = word * 256 + key[start + i];
        return word;
    }

    private static ulong Times(ulong value) => value * Multiplier % Modulus;

    private static ulong Fold(ulong value, int bits) => value ^ (value >> bits);
}
