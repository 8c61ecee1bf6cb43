using System.Diagnostics;
using System.Globalization;
using MessagingModels.Broker;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>What child processes do: run a broker until killed, start one cold, open one on data, or count the memory of one.</summary>
internal static class ChildProgram
{
    public const string FaultMode = "fault";
    public const string StartMode = "start";
    public const string MemoryMode = "memory";

    private static readonly Lock OutputLock = new();

    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case [FaultMode, var setting, var directory, var count]:
                await RunUntilKilledAsync(FaultSetting.All[Number(setting)], directory, Number(count)).ConfigureAwait(false);
                return 0;
            case [StartMode, .. var directory]:
                await StartAsync(directory is [var path] ? path : null).ConfigureAwait(false);
                return 0;
            case [MemoryMode, var count]:
                await MemoryProbe.RunAsync(Number(count), WriteLine).ConfigureAwait(false);
                return 0;
            default:
                await Console.Error.WriteLineAsync("This program is started by mm compare; run that.").ConfigureAwait(false);
                return 2;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void WriteLine(string line)
    {
        lock (OutputLock)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    /// <summary>Publishes and consumes, and writes a line for each message that counts as sent (s), processed (p) or committed (c).</summary>
    private static async Task RunUntilKilledAsync(FaultSetting setting, string directory, int count)
    {
        await using NativeSession session = await NativeTarget.OpenDirectoryAsync(Durability.PageCache, directory, CancellationToken.None).ConfigureAwait(false);
        IFaultClient client = await setting.ConnectAsync(session, CancellationToken.None).ConfigureAwait(false);
        if (client is TransactionFaultClient transactions)
            transactions.OnCommitted = static id => WriteLine(string.Create(CultureInfo.InvariantCulture, $"c {id}"));
        Effects effects = new(setting.RemembersIds, static id =>
        {
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"p {id}"));

            // Work takes time: without it the run is over before the kill.
            SpinWait.SpinUntil(static () => false, millisecondsTimeout: 1);
        });
        _ = Task.Run(ExitWithParentAsync);
        Task consuming = Task.Run(() => client.ConsumeAsync(CrashPoint.None, 0, effects, CancellationToken.None));
        for (int id = 0; id < count && !consuming.IsCompleted; id++)
        {
            await client.SendAsync(id, CancellationToken.None).ConfigureAwait(false);
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"s {id}"));
            await Task.Delay(1).ConfigureAwait(false);
        }

        await consuming.ConfigureAwait(false);
    }

    /// <summary>Ends this process once nobody holds its standard input any more: a killed parent leaves no broker behind.</summary>
    private static async Task ExitWithParentAsync()
    {
        await using Stream input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null).ConfigureAwait(false);
        Environment.Exit(0);
    }

    /// <summary>Starts a broker and writes how long it took, from the start of the process and from the first line of this program, in ms.</summary>
    private static async Task StartAsync(string? directory)
    {
        long start = Stopwatch.GetTimestamp();
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = directory }).ConfigureAwait(false);
        TimeSpan inside = Stopwatch.GetElapsedTime(start);
        TimeSpan whole = DateTime.Now - Process.GetCurrentProcess().StartTime;
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"{whole.TotalMilliseconds:0.###} {inside.TotalMilliseconds:0.###}"));
    }
}
