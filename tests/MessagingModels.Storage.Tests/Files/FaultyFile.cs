using MessagingModels.Storage.Files;

namespace MessagingModels.Storage.Tests.Files;

/// <summary>A file's bytes as the page cache has them, as the disk has them, and which pages differ.</summary>
internal sealed class FaultyFileData
{
    public const int PageBytes = 4096;

    private readonly HashSet<int> _dirtyPages = [];
    private byte[] _durable = [];
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public static FaultyFileData Of(ReadOnlySpan<byte> bytes) => new() { _bytes = bytes.ToArray(), _durable = bytes.ToArray(), Length = bytes.Length };

    public void Write(int position, ReadOnlySpan<byte> bytes)
    {
        if (position + bytes.Length > Length) SetLength(position + bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(position));
        MarkDirty(position, position + bytes.Length);
    }

    public void SetLength(int length)
    {
        if (length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(length, 2 * _bytes.Length));
        if (length < Length) _bytes.AsSpan(length, Length - length).Clear();
        MarkDirty(Math.Min(length, Length), Math.Max(length, Length));
        Length = length;
    }

    public void Flush()
    {
        _durable = Bytes.ToArray();
        _dirtyPages.Clear();
    }

    /// <summary>What is on the disk after a power failure: the old or the new length, and of every page that was not flushed the old or the new content.</summary>
    public FaultyFileData AfterPowerFailure(Random random)
    {
        if (_dirtyPages.Count == 0) return Of(_durable);
        byte[] survivor = new byte[random.Next(2) == 0 ? _durable.Length : Length];
        for (int start = 0; start < survivor.Length; start += PageBytes)
        {
            bool isNew = !_dirtyPages.Contains(start / PageBytes) || random.Next(2) == 0;
            ReadOnlySpan<byte> from = isNew ? Bytes : _durable;
            if (start < from.Length) from[start..Math.Min(from.Length, Math.Min(start + PageBytes, survivor.Length))].CopyTo(survivor.AsSpan(start));
        }
        return Of(survivor);
    }

    private void MarkDirty(int from, int to)
    {
        for (int page = from / PageBytes; page * PageBytes < to; page++) _dirtyPages.Add(page);
    }
}

internal sealed class FaultyFile(FaultyFileSystem owner, string path, FaultyFileData data) : IFile
{
    public string Path => path;

    public long Length => owner.Do(() => data.Length);

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        owner.Step(
            $"write {path}",
            () =>
            {
                int room = owner.Reserve((int)Math.Max(0, position + copy.Length - data.Length));
                data.Write((int)position, copy.AsSpan(0, copy.Length - room));
                if (room > 0) throw new StorageFullException(path);
            },
            torn: () => data.Write((int)position, copy.AsSpan(0, owner.TornBytes(copy.Length))));
    }

    public int Read(long position, Span<byte> destination)
    {
        byte[] bytes = owner.Do(() =>
        {
            owner.CountRead(path);
            return position >= data.Length ? [] : data.Bytes[(int)position..].ToArray();
        });
        int count = Math.Min(bytes.Length, destination.Length);
        bytes.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    public ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer)
    {
        if (buffer.Length < maxLength) buffer = new byte[maxLength];
        return buffer[..Read(position, buffer.Span[..maxLength])];
    }

    public void SetLength(long length) => owner.Step($"set length {path}", () =>
    {
        if (owner.FailSetLength) throw new IOException($"Cannot set the length of '{path}'.");
        owner.Reserve((int)length - data.Length);
        data.SetLength((int)length);
    });

    public void Flush() => owner.Step($"flush {path}", () =>
    {
        if (owner.FailFlushes) throw new IOException($"Cannot flush '{path}': I/O error.");
        data.Flush();
    });

    public void Dispose()
    {
        // Handles are not counted: a file lives as long as somebody refers to it.
    }
}
