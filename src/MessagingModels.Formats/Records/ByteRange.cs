namespace MessagingModels.Formats.Records;

/// <summary>A part of a buffer, so that a caller who holds the buffer as memory can slice it.</summary>
/// <param name="Start">First byte, from the start of the buffer.</param>
/// <param name="Length">Length in bytes.</param>
public readonly record struct ByteRange(int Start, int Length)
{
    /// <summary>The first byte after the range.</summary>
    public int End => Start + Length;

    /// <summary>The range's bytes of <paramref name="buffer"/>.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> buffer) => buffer.Slice(Start, Length);

    /// <summary>The range's bytes of <paramref name="buffer"/>.</summary>
    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> buffer) => buffer.Slice(Start, Length);
}
