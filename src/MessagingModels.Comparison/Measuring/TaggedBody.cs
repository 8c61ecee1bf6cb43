using System.Buffers.Binary;

namespace MessagingModels.Comparison.Measuring;

/// <summary>Bodies that begin with a number: the id by which messages are counted.</summary>
internal static class TaggedBody
{
    private const int TagBytes = sizeof(int);

    public static byte[] Create(int id, ReadOnlySpan<byte> payload = default)
    {
        byte[] body = new byte[TagBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(body, id);
        payload.CopyTo(body.AsSpan(TagBytes));
        return body;
    }

    public static int ReadId(ReadOnlyMemory<byte> body) => BinaryPrimitives.ReadInt32LittleEndian(body.Span);
}
