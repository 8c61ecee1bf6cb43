namespace MessagingModels.Storage.Files;

/// <summary>
/// The bytes of a file in memory: a list of chunks, each filled from the front and never changed where it was filled, so that readers
/// hold slices of them without copying. A write that does not fit in the last chunk begins a new one: what was written in one piece
/// lies in one piece. One writer; readers take no lock.
/// </summary>
internal sealed class MemoryFileData
{
    private const int FirstChunkBytes = 4 * 1024;
    private const int MaxChunkBytes = 256 * 1024;

    private readonly Lock _writeLock = new();
    private Table _table = new(new Chunk[4], 0);
    private long _length;

    public long Length => Volatile.Read(ref _length);

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        lock (_writeLock)
        {
            if (position > _length) Append(new byte[position - _length]);
            if (position < _length) Overwrite(position, bytes[..(int)Math.Min(bytes.Length, _length - position)]);
            long written = Math.Min(bytes.Length, Math.Max(0, _length - position));
            if (written < bytes.Length) Append(bytes[(int)written..]);
        }
    }

    public void SetLength(long length)
    {
        lock (_writeLock)
        {
            if (length > _length) Append(new byte[length - _length]);
            else if (length < _length) Cut(length);
        }
    }

    public int Read(long position, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            ReadOnlySpan<byte> piece = Piece(position + total).Span;
            if (piece.IsEmpty) break;
            if (piece.Length > destination.Length - total) piece = piece[..(destination.Length - total)];
            piece.CopyTo(destination[total..]);
            total += piece.Length;
        }
        return total;
    }

    public ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer)
    {
        ReadOnlyMemory<byte> piece = Piece(position);
        if (piece.Length >= maxLength) return piece[..maxLength];
        if (piece.Length >= minLength) return piece;
        if (buffer.Length < minLength) buffer = new byte[minLength];
        return buffer[..Read(position, buffer.Span[..minLength])];
    }

    // The bytes from a position to the end of the chunk that holds it; empty at the end of the file.
    private ReadOnlyMemory<byte> Piece(long position)
    {
        Table table = Volatile.Read(ref _table);
        int low = 0, high = Volatile.Read(ref table.Count) - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            Chunk chunk = table.Chunks[middle];
            int used = Volatile.Read(ref chunk.Used);
            if (position < chunk.Position) high = middle - 1;
            else if (position >= chunk.Position + used) low = middle + 1;
            else return chunk.Bytes.AsMemory((int)(position - chunk.Position), (int)(chunk.Position + used - position));
        }
        return default;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        Chunk? last = _table.Count == 0 ? null : _table.Chunks[_table.Count - 1];
        if (last is null || last.Bytes.Length - last.Used < bytes.Length)
        {
            int size = last is null ? FirstChunkBytes : (int)Math.Min(MaxChunkBytes, Math.Max(FirstChunkBytes, 2L * last.Bytes.Length));
            last = new Chunk(_length, GC.AllocateUninitializedArray<byte>(Math.Max(size, bytes.Length)));
            Add(last);
        }
        bytes.CopyTo(last.Bytes.AsSpan(last.Used));
        Volatile.Write(ref last.Used, last.Used + bytes.Length);
        Volatile.Write(ref _length, _length + bytes.Length);
    }

    private void Add(Chunk chunk)
    {
        if (_table.Count == _table.Chunks.Length)
        {
            Chunk[] grown = new Chunk[_table.Chunks.Length * 2];
            _table.Chunks.CopyTo(grown, 0);
            grown[_table.Count] = chunk;
            Volatile.Write(ref _table, new Table(grown, _table.Count + 1));
            return;
        }
        _table.Chunks[_table.Count] = chunk;
        Volatile.Write(ref _table.Count, _table.Count + 1);
    }

    // Bytes that were handed out must not change: the chunks from the cut on are replaced, never reused.
    private void Cut(long length)
    {
        int count = 0;
        while (count < _table.Count && _table.Chunks[count].Position < length) count++;
        Chunk[] kept = new Chunk[Math.Max(4, count)];
        Array.Copy(_table.Chunks, kept, count);
        if (count > 0 && kept[count - 1].Position + kept[count - 1].Used > length)
        {
            Chunk last = kept[count - 1];
            kept[count - 1] = new Chunk(last.Position, last.Bytes[..(int)(length - last.Position)]) { Used = (int)(length - last.Position) };
        }
        Volatile.Write(ref _length, length);
        Volatile.Write(ref _table, new Table(kept, count));
    }

    private void Overwrite(long position, ReadOnlySpan<byte> bytes)
    {
        Chunk[] chunks = (Chunk[])_table.Chunks.Clone();
        for (int i = 0; i < _table.Count; i++)
        {
            Chunk chunk = chunks[i];
            long from = Math.Max(position, chunk.Position), to = Math.Min(position + bytes.Length, chunk.Position + chunk.Used);
            if (from >= to) continue;
            byte[] copy = (byte[])chunk.Bytes.Clone();
            bytes[(int)(from - position)..(int)(to - position)].CopyTo(copy.AsSpan((int)(from - chunk.Position)));
            chunks[i] = new Chunk(chunk.Position, copy) { Used = chunk.Used };
        }
        Volatile.Write(ref _table, new Table(chunks, _table.Count));
    }

    private sealed class Chunk(long position, byte[] bytes)
    {
        public readonly long Position = position;
        public readonly byte[] Bytes = bytes;
        public int Used;
    }

    private sealed class Table(Chunk[] chunks, int count)
    {
        public readonly Chunk[] Chunks = chunks;
        public int Count = count;
    }
}

/// <summary>A handle on <see cref="MemoryFileData"/>; closing it frees nothing, the file lives as long as it has a name or a handle.</summary>
internal sealed class MemoryFile(string path, MemoryFileData data) : IFile
{
    public string Path => path;

    public long Length => data.Length;

    public void Write(long position, ReadOnlySpan<byte> bytes) => data.Write(position, bytes);

    public int Read(long position, Span<byte> destination) => data.Read(position, destination);

    public ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer) =>
        data.ReadMemory(position, minLength, maxLength, buffer);

    public void SetLength(long length) => data.SetLength(length);

    public void Flush()
    {
        // Memory has nothing below it to flush to.
    }

    public void Dispose()
    {
        // The data belongs to the name and to whoever still holds a handle.
    }
}
