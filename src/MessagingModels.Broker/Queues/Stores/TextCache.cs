using System.Text;

namespace MessagingModels.Broker.Queues;

/// <summary>The strings of exchanges and routing keys that came by lately, so that reading them again allocates nothing. Used by one loop.</summary>
internal sealed class TextCache
{
    private const int MaxSlots = 1024;
    private const int FirstSlots = 8;

    private Entry[] _entries = new Entry[FirstSlots];
    private int _misses;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return "";
        uint hash = Hash(utf8);
        ref Entry entry = ref _entries[hash & (uint)(_entries.Length - 1)];
        if (entry.Bytes is not null && utf8.SequenceEqual(entry.Bytes))
            return entry.Text;
        if (++_misses > _entries.Length && _entries.Length < MaxSlots)
        {
            _entries = new Entry[_entries.Length * 4];
            _misses = 0;
            entry = ref _entries[hash & (uint)(_entries.Length - 1)];
        }

        entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return entry.Text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2166136261;
        foreach (byte each in bytes)
            hash = (hash ^ each) * 16777619;
        return hash ^ (hash >> 15);
    }

    private readonly record struct Entry(byte[]? Bytes, string Text);
}
