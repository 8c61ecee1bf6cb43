using System.Buffers.Binary;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

/// <summary>What a log remembers beside its segments.</summary>
/// <param name="RecoveryPoint">Every segment below this offset was flushed: a crash cannot have damaged it. Null where nothing is known.</param>
/// <param name="LogStartOffset">Records below are deleted, also those that a segment still holds.</param>
/// <param name="FirstDirtyOffset">Compaction has seen everything below.</param>
internal readonly record struct LogCheckpoint(long? RecoveryPoint, long LogStartOffset, long FirstDirtyOffset)
{
    private const int EncodedBytes = 24;

    public void Write(CheckpointFile file, bool flush)
    {
        Span<byte> bytes = stackalloc byte[EncodedBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, RecoveryPoint ?? -1);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], LogStartOffset);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], FirstDirtyOffset);
        file.Write(bytes, flush);
    }

    /// <exception cref="CheckpointCorruptedException">The file is damaged.</exception>
    public static LogCheckpoint Read(CheckpointFile file)
    {
        if (file.Read() is not { } bytes) return default;
        if (bytes.Length != EncodedBytes) throw new CheckpointCorruptedException(file.FilePath, $"it holds {bytes.Length} bytes, not {EncodedBytes}");
        long recoveryPoint = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return new LogCheckpoint(
            recoveryPoint < 0 ? null : recoveryPoint,
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(16)));
    }
}
