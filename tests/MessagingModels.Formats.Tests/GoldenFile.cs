using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests;

/// <summary>The checked-in bytes of real brokers and clients.</summary>
internal static class GoldenFile
{
    public static byte[] Read(string name)
    {
        using Stream stream = typeof(GoldenFile).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"There is no golden file {name}.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Cuts a segment into its batches.</summary>
    public static IReadOnlyList<byte[]> ReadBatches(string name)
    {
        var batches = new List<byte[]>();
        ReadOnlyMemory<byte> rest = Read(name);
        while (RecordBatchView.TryReadSize(rest.Span, out int size))
        {
            batches.Add(rest[..size].ToArray());
            rest = rest[size..];
        }

        Assert.True(rest.IsEmpty);
        return batches;
    }
}
