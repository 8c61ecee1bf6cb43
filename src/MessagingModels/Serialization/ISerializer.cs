using System.Buffers;

namespace MessagingModels;

/// <summary>Turns values into bytes and back. Called concurrently. Absent keys and payloads never reach it.</summary>
/// <typeparam name="T">The values.</typeparam>
public interface ISerializer<T>
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value; never null.</param>
    /// <param name="destination">Takes the bytes.</param>
    void Serialize(T value, IBufferWriter<byte> destination);

    /// <summary>Reads a value.</summary>
    /// <param name="data">All of its bytes; they stay valid for as long as they are referenced.</param>
    /// <returns>The value.</returns>
    /// <exception cref="FormatException">The bytes are no such value.</exception>
    T Deserialize(ReadOnlyMemory<byte> data);
}
