namespace MessagingModels.Broker.Queues;

/// <summary>
/// A copy of the end of a queue's log for a reader that follows closely, so that what was just written is not read back from the file.
/// It covers everything from where it was opened; when it is full it stops taking, and opens again once the reader has read all there is.
/// Chunks are handed out as they are and never written again where they were filled.
/// </summary>
internal sealed class TailCache(int limitBytes)
{
    private const int SmallestChunkBytes = 4 * 1024;
    private const int LargestChunkBytes = 64 * 1024;

    private readonly Queue<Chunk> _chunks = new();
    private Chunk? _last;
    private int _bytes;
    private bool _isOpen = true;

    /// <summary>Copies a batch.</summary>
    /// <param name="baseOffset">Its first offset.</param>
    /// <param name="endOffset">The offset after its last.</param>
    /// <param name="batch">Its bytes.</param>
    /// <param name="nextUnread">What the reader reads next.</param>
    public void Add(long baseOffset, long endOffset, ReadOnlySpan<byte> batch, long nextUnread)
    {
        if (!_isOpen)
        {
            if (nextUnread < baseOffset)
                return;
            Clear();
        }

        if (_bytes + batch.Length > limitBytes)
        {
            _isOpen = false;
            return;
        }

        if (_last is null || _last.Bytes.Length - _last.Used < batch.Length)
        {
            int size = _last is null ? SmallestChunkBytes : Math.Min(LargestChunkBytes, _last.Bytes.Length * 2);
            _last = new Chunk(baseOffset, GC.AllocateUninitializedArray<byte>(Math.Max(size, batch.Length)));
            _chunks.Enqueue(_last);
        }

        batch.CopyTo(_last.Bytes.AsSpan(_last.Used));
        _last.Used += batch.Length;
        _last.EndOffset = endOffset;
        _bytes += batch.Length;
    }

    /// <summary>The bytes of whole batches that hold an offset and what follows it; what lies before is forgotten. Empty where it has none.</summary>
    public ReadOnlyMemory<byte> Read(long offset)
    {
        while (_chunks.TryPeek(out Chunk? chunk))
        {
            if (offset < chunk.FirstOffset)
                return default;
            if (offset < chunk.EndOffset)
                return chunk.Read(offset);
            if (chunk == _last)
                return default;
            _bytes -= _chunks.Dequeue().Used;
        }

        return default;
    }

    public void Clear()
    {
        _chunks.Clear();
        _last = null;
        _bytes = 0;
        _isOpen = true;
    }

    private sealed class Chunk(long firstOffset, byte[] bytes)
    {
        public readonly long FirstOffset = firstOffset;
        public readonly byte[] Bytes = bytes;
        public long EndOffset = firstOffset;
        public int Used;
        private long _readEndOffset = firstOffset;
        private int _readEnd;

        // A reader that comes back for what was added since starts there, not at the front.
        public ReadOnlyMemory<byte> Read(long offset)
        {
            int start = offset >= _readEndOffset ? _readEnd : 0;
            _readEndOffset = EndOffset;
            _readEnd = Used;
            return Bytes.AsMemory(start, Used - start);
        }
    }
}
