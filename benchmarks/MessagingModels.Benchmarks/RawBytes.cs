using Microsoft.Win32.SafeHandles;

namespace MessagingModels.Benchmarks;

/// <summary>What the machine does with the same bytes without a broker: they are written to a file in pieces of 16 KiB, or copied in memory.</summary>
internal sealed class RawBytes
{
    private const int PieceBytes = 16 * 1024;

    private readonly byte[] _piece = new byte[PieceBytes];
    private readonly byte[] _memory = new byte[64 * PieceBytes];

    public void Write(string path, long bytes)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        for (long position = 0; position < bytes; position += PieceBytes)
            RandomAccess.Write(file, _piece.AsSpan(0, (int)Math.Min(PieceBytes, bytes - position)), position);
    }

    public void Copy(long bytes)
    {
        for (long position = 0; position < bytes; position += PieceBytes)
            _piece.AsSpan(0, (int)Math.Min(PieceBytes, bytes - position)).CopyTo(_memory.AsSpan((int)(position % _memory.Length)));
    }
}
