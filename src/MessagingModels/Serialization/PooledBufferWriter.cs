using System.Buffers;
using System.Collections.Concurrent;

namespace MessagingModels;

/// <summary>A buffer that grows, taken from a pool and given back. One owner at a time.</summary>
internal sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int MinimumBytes = 256;

    /// <summary>A larger array goes back to the array pool, so that one large message does not hold memory for good.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    private const int MaxIdle = 64;

    private static readonly ConcurrentQueue<PooledBufferWriter> Idle = new();

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(MinimumBytes);
    private int _written;

    private PooledBufferWriter()
    {
    }

    /// <summary>How much was written.</summary>
    public int Written => _written;

    /// <summary>What was written; valid until the next write or disposal.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _written);

    public static PooledBufferWriter Rent() => Idle.TryDequeue(out PooledBufferWriter? writer) ? writer : new PooledBufferWriter();

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _written);
        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _buffer.AsSpan(_written);
    }

    /// <summary>Gives the buffer back; whoever holds a slice of it must be done.</summary>
    public void Dispose()
    {
        _written = 0;
        if (_buffer.Length > MaxKeptBytes)
            Replace(MinimumBytes);
        if (Idle.Count < MaxIdle)
        {
            Idle.Enqueue(this);
            return;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void EnsureRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int needed = checked(_written + Math.Max(sizeHint, 1));
        if (needed > _buffer.Length)
            Replace(Math.Max(needed, _buffer.Length * 2));
    }

    private void Replace(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
