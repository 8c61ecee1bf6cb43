using System.Runtime.InteropServices;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>A hash of text that is the same in every process, so that a key keeps its queue over a restart: FNV-1a with MurmurHash3's finalizer.</summary>
internal static class StableHash
{
    private const ulong FnvOffsetBasis = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    public static ulong Compute(ReadOnlySpan<char> text, ulong seed = 0)
    {
        ulong hash = FnvOffsetBasis ^ seed;
        foreach (ushort unit in MemoryMarshal.Cast<char, ushort>(text))
            hash = (hash ^ unit) * FnvPrime;
        return Mix(hash);
    }

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
