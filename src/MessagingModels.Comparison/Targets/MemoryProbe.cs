using System.Diagnostics;
using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Comparison.Targets;

/// <summary>What a broker takes of memory, measured in a process of its own that holds nothing else.</summary>
internal static class MemoryProbe
{
    public const int Destinations = 1000;
    public const int BodyBytes = 100;

    /// <summary>Writes a line for each state: its name, the resident set and the managed heap in bytes.</summary>
    /// <param name="messages">How many messages wait in the queue, and in the topic.</param>
    /// <param name="writeLine">Takes the lines.</param>
    public static async Task RunAsync(int messages, Action<string> writeLine)
    {
        Write("process", writeLine);
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync().ConfigureAwait(false);
        Write("broker", writeLine);
        for (int i = 0; i < Destinations; i++)
            await broker.Exchanges.DeclareQueueAsync(string.Create(CultureInfo.InvariantCulture, $"queue-{i}")).ConfigureAwait(false);
        Write("queues", writeLine);
        for (int i = 0; i < Destinations; i++)
            await broker.Log.CreateTopicAsync(string.Create(CultureInfo.InvariantCulture, $"topic-{i}")).ConfigureAwait(false);
        Write("topics", writeLine);
        await using (IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync().ConfigureAwait(false))
        {
            for (int i = 0; i < messages; i++)
                await channel.EnqueueAsync("", "queue-0", new byte[BodyBytes]).ConfigureAwait(false);
            await channel.FlushAsync().ConfigureAwait(false);
        }

        Write("queued", writeLine);
        await using (ILogProducer producer = broker.Log.CreateProducer())
        {
            byte[] body = new byte[BodyBytes];
            for (int i = 0; i < messages; i++)
                await producer.EnqueueAsync(new ProducerRecord("topic-0", null, (ReadOnlyMemory<byte>?)body)).ConfigureAwait(false);
            await producer.FlushAsync().ConfigureAwait(false);
        }

        Write("logged", writeLine);
    }

    private static void Write(string state, Action<string> writeLine)
    {
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        using Process process = Process.GetCurrentProcess();
        writeLine(string.Create(CultureInfo.InvariantCulture, $"{state} {process.WorkingSet64} {managed}"));
    }
}
