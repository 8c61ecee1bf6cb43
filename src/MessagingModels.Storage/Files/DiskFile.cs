using Microsoft.Win32.SafeHandles;

namespace MessagingModels.Storage.Files;

internal sealed class DiskFile(string path, SafeFileHandle handle) : IFile
{
    // fstat at every append would be a second system call; the one writer knows the length.
    private long _length = RandomAccess.GetLength(handle);

    public string Path => path;

    public long Length => Volatile.Read(ref _length);

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, position);
        }
        catch (IOException error)
        {
            Volatile.Write(ref _length, RandomAccess.GetLength(handle));
            if (DiskErrors.IsFull(error)) throw new StorageFullException(path, error);
            throw new IOException($"Cannot write {bytes.Length} bytes at {position} of '{path}': {error.Message}", error);
        }
        if (position + bytes.Length > _length) Volatile.Write(ref _length, position + bytes.Length);
    }

    public int Read(long position, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = RandomAccess.Read(handle, destination[total..], position + total);
            if (read == 0) break;
            total += read;
        }
        return total;
    }

    public ReadOnlyMemory<byte> ReadMemory(long position, int minLength, int maxLength, Memory<byte> buffer)
    {
        if (buffer.Length < maxLength) buffer = GC.AllocateUninitializedArray<byte>(maxLength);
        return buffer[..Read(position, buffer.Span[..maxLength])];
    }

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
            Volatile.Write(ref _length, length);
        }
        catch (IOException error)
        {
            if (DiskErrors.IsFull(error)) throw new StorageFullException(path, error);
            throw new IOException($"Cannot set the length of '{path}' to {length}: {error.Message}", error);
        }
    }

    public void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (IOException error)
        {
            throw new IOException($"Cannot flush '{path}': {error.Message}", error);
        }
    }

    public void Dispose() => handle.Dispose();
}
