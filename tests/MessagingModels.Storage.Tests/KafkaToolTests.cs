using System.Diagnostics;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;
using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

/// <summary>The files are Kafka's: its own tool reads and checks them.</summary>
public sealed class KafkaToolTests
{
    [Fact]
    public async Task DumpLogSegments_reads_the_segments_and_finds_their_indexes_sane()
    {
        string? kafka = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipUnless(kafka is not null, "KAFKA_HOME is not set: it names an unpacked Kafka distribution, whose DumpLogSegments checks the files.");
        using TemporaryDirectory directory = new();
        using DataDirectory store = DataDirectory.Open(DiskFileSystem.Instance, directory.Path);
        string path = directory["orders-0"];
        await using (Log log = Log.Open(store, path, new LogOptions { SegmentBytes = 100_000, DeleteRetention = TimeSpan.FromHours(1) }))
        {
            CompressionCodec[] codecs = Enum.GetValues<CompressionCodec>();
            for (int i = 0; i < 1000; i++)
                log.Append(Batches.OfKeys(1_000_000 + (10 * i), codecs[i % codecs.Length], ($"key {i % 50}", i % 7 == 0 ? null : new string('v', 300)), ($"other {i}", "x")));
            log.Append(Batches.Marker(ControlRecordType.Commit, 5, 2_000_000));
            log.Compact(log.Segments[^2].BaseOffset);
        }
        foreach (string segment in Directory.GetFiles(path, "*.log").Order())
        {
            string deep = await Dump(kafka!, "--deep-iteration", segment);
            Assert.Contains("isvalid: true", deep, StringComparison.Ordinal);
            Assert.DoesNotContain("isvalid: false", deep, StringComparison.Ordinal);
            foreach (string extension in (string[])[".index", ".timeindex"])
            {
                string index = Path.ChangeExtension(segment, extension);
                Assert.True(new FileInfo(index).Length > 0);
                string checkedIndex = await Dump(kafka!, "--index-sanity-check", index);
                Assert.Contains("passed sanity check", checkedIndex, StringComparison.Ordinal);
                string verified = await Dump(kafka!, "--verify-index-only", index);
                foreach (string complaint in (string[])["Mismatches", "Found timestamp mismatch", "Index timestamp", "not found"])
                    Assert.DoesNotContain(complaint, verified, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<string> Dump(string kafka, string option, string file)
    {
        ProcessStartInfo start = new("java", ["-cp", Path.Combine(kafka, "libs", "*"), "org.apache.kafka.tools.DumpLogSegments", option, "--files", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(process.ExitCode == 0, await errors);
        return await output + await errors;
    }
}
