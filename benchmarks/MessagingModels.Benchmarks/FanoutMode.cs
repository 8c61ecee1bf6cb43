using System.Diagnostics;
using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>Messages of 16 KiB to 50 durable queues: how many bytes are written for each byte of payload, and how fast against a raw write.</summary>
internal static class FanoutMode
{
    private const int Queues = 50;
    private const int Messages = 5000;
    private const int BodyBytes = 16 * 1024;

    public static async Task MeasureAsync()
    {
        using BenchmarkDirectory directory = new();
        string data = Path.Combine(directory.Path, "data");
        byte[] body = new byte[BodyBytes];
        Random.Shared.NextBytes(body);
        await using EmbeddedBroker broker = await directory.StartBrokerAsync(Durability.PageCache);
        await broker.Exchanges.DeclareExchangeAsync("all", ExchangeType.Fanout);
        for (int i = 0; i < Queues; i++)
        {
            await broker.Exchanges.DeclareQueueAsync($"q{i}");
            await broker.Exchanges.BindQueueAsync($"q{i}", "all");
        }

        long before = WrittenBytes(data);
        Stopwatch time = Stopwatch.StartNew();
        await using (IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync())
        {
            for (int i = 0; i < Messages; i++)
                await channel.EnqueueAsync("all", "", body, MessageProperties.PersistentOnly);
            await channel.FlushAsync();
        }

        double seconds = time.Elapsed.TotalSeconds;
        double payload = (double)Messages * BodyBytes;
        time.Restart();
        new RawBytes().Write(Path.Combine(directory.Path, "raw"), (long)payload);
        double rawSeconds = time.Elapsed.TotalSeconds;
        Repeats.Print($"{Messages} messages of {BodyBytes} B to {Queues} durable queues: {(WrittenBytes(data) - before) / payload:F3} bytes written for a byte of payload");
        Repeats.Print($"{Messages / seconds:F0} messages/s, {Messages * Queues / seconds / 1e6:F2} M queue messages/s; payload at {payload / seconds / 1e6:F0} MB/s, raw write of it {payload / rawSeconds / 1e6:F0} MB/s");
    }

    /// <summary>Nothing is deleted here, so what the files hold is what was written to them.</summary>
    private static long WrittenBytes(string directory)
        => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
