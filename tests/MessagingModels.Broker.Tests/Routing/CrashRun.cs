using MessagingModels.Broker.Embedded.Exchanges;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Routing;
using MessagingModels.Broker.Tests.Embedded.Exchanges;
using MessagingModels.Storage;
using MessagingModels.Storage.Tests.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Routing;

/// <summary>How a run ends: killed, with what was written left, or without power, with what was flushed left.</summary>
public enum CrashKind
{
    ProcessKill,
    PowerFailure,
}

/// <summary>
/// Has a script crash at every step of the file system, recovers, runs it again until it crashes at a random step, recovers, and runs it
/// to its end. The script checks what it finds at its beginning; it may be run any number of times.
/// </summary>
internal static class CrashRun
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(2);

    /// <param name="kind">How it ends.</param>
    /// <param name="torn">How much of a write that crashes is still written, between 0 and 1.</param>
    /// <param name="seed">Chooses what a power failure leaves, and the second crash.</param>
    /// <param name="prepare">What is there before: runs without a crash.</param>
    /// <param name="start">Makes a script, of which one is used until it has run to its end.</param>
    /// <returns>At how many steps it crashed.</returns>
    public static async Task<int> EverywhereAsync(
        CrashKind kind, double torn, int seed, Func<ExchangeRoom, Task> prepare, Func<string, Func<ExchangeRoom, Task>> start)
    {
        Durability durability = kind == CrashKind.PowerFailure ? Durability.Fsync : Durability.PageCache;
        for (int step = 1; ; step++)
        {
            Random random = new((seed * 100_000) + step);
            Func<ExchangeRoom, Task> script = start($"seed {seed}, crash at step {step}");
            FaultyFileSystem files = new();
            Assert.True(await RunAsync(files, durability, prepare), "The preparation does not crash.");
            files = files.AfterProcessKill();
            files.CrashAtStep = step;
            files.TornFraction = torn;
            if (await RunAsync(files, durability, script))
                return step - 1;
            files = After(files, kind, random);
            files.CrashAtStep = 1 + random.Next(80);
            files.TornFraction = torn;
            await RunAsync(files, durability, script);
            files = After(files, kind, random);
            Assert.True(await RunAsync(files, durability, script), "Without a crash the script ends.");
            Assert.True(await RunAsync(After(files, kind, random), durability, script), "The script can be run again.");
        }
    }

    /// <summary>What waits for the process that crashed waits for ever; whoever waits for that goes on soon.</summary>
    private static async Task UntilItCrashesAsync(FaultyFileSystem files, Task run)
    {
        while (!run.IsCompleted && !files.HasCrashed)
            await Task.WhenAny(run, Task.Delay(s_glance));
        await run.WaitAsync(files.HasCrashed ? s_grace : s_patience);
    }

    private static FaultyFileSystem After(FaultyFileSystem files, CrashKind kind, Random random)
        => kind == CrashKind.PowerFailure ? files.AfterPowerFailure(random) : files.AfterProcessKill();

    /// <summary>False where it crashed: what fails or is found after that is of no interest.</summary>
    private static async Task<bool> RunAsync(FaultyFileSystem files, Durability durability, Func<ExchangeRoom, Task> script)
    {
        ExchangeRoom? room = null;
        try
        {
            room = await ExchangeRoom.OpenAsync(files, durability).WaitAsync(s_patience);
            await UntilItCrashesAsync(files, script(room)).WaitAsync(s_patience);
            await room.DisposeAsync().AsTask().WaitAsync(s_patience);
            return !files.HasCrashed;
        }
        catch (Exception) when (files.HasCrashed)
        {
            if (room is not null) await Record.ExceptionAsync(() => UntilItCrashesAsync(files, room.DisposeAsync().AsTask()));
            return false;
        }
    }
}

/// <summary>The exchange model over given files, with a clock that stands still.</summary>
internal sealed class ExchangeRoom : IAsyncDisposable
{
    private readonly FaultyFileSystem _files;
    private readonly DataDirectory _data;
    private TopicRegistry? _topics;

    private ExchangeRoom(FaultyFileSystem files)
    {
        _files = files;
        _data = DataDirectory.Open(files, "/data");
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_750_000_000));

    public VirtualHosts Hosts { get; private set; } = null!;

    public EmbeddedExchangeBroker Broker { get; private set; } = null!;

    public VirtualHost Host => Hosts.Get("/");

    public static async Task<ExchangeRoom> OpenAsync(FaultyFileSystem files, Durability durability)
    {
        ExchangeRoom room = new(files);
        try
        {
            BrokerContext context = new()
            {
                Data = room._data,
                Options = new EmbeddedBrokerOptions { DataDirectory = "/data", Durability = durability, TimeProvider = room.Time, QueueSegmentBytes = 2048 },
                Loggers = NullLoggerFactory.Instance,
            };
            room._topics = TopicRegistry.Open(context);
            room.Hosts = await VirtualHosts.OpenAsync(context, room._topics, () => new RecordingProducer(), CancellationToken.None);
            room.Broker = new EmbeddedExchangeBroker(room.Hosts.Get("/"));
            return room;
        }
        catch
        {
            room._data.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a condition, which a process that has crashed will not come to.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            if (_files.HasCrashed) throw new SimulatedCrashException();
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Hosts is not null) await Hosts.DisposeAsync();
            if (_topics is not null) await _topics.DisposeAsync();
        }
        finally
        {
            _data.Dispose();
        }
    }
}
