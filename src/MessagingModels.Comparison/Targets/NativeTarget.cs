using System.Globalization;
using MessagingModels.Broker;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>The embedded broker, in this process; where it is to be killed, in a child process.</summary>
internal sealed class NativeTarget(WorkDirectory directory) : IComparisonTarget
{
    public const string Name = "native";

    public TargetDescription Description { get; } = new(Name, ConditionsProbe.ReadVersion(), "in your process");

    public async Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
        => await OpenDirectoryAsync(durability, durability == Durability.Memory ? null : directory.NewDataDirectory(), cancellationToken).ConfigureAwait(false);

    /// <summary>Opens brokers on a directory, with what it holds already.</summary>
    public static async Task<TargetSession> OpenDirectoryAsync(Durability durability, string? path, CancellationToken cancellationToken)
    {
        TargetSession session = new(durability, path, stop => StartAsync(durability, path, stop));
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }

    public async Task<KilledRun> RunUntilKilledAsync(FaultSetting setting, int count, CancellationToken cancellationToken)
    {
        string path = directory.NewDataDirectory();
        List<int> sent = [];
        List<int> processed = [];
        int progress = 0;
        using (ChildProcess child = ChildProcess.Start(
            ChildProgram.FaultMode, Text(IndexOf(setting)), path, Text(count)))
        {
            while (progress < count / 2)
                progress += Note(await child.ExpectLineAsync(cancellationToken).ConfigureAwait(false), sent, processed);
            child.Kill();
            while (await child.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
                Note(line, sent, processed);
            await child.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }

        TargetSession session = await OpenDirectoryAsync(Durability.PageCache, path, cancellationToken).ConfigureAwait(false);
        return new KilledRun(sent, processed, session);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int IndexOf(FaultSetting setting)
    {
        int index = 0;
        while (FaultSetting.All[index] != setting)
            index++;
        return index;
    }

    /// <returns>1 where the line tells of progress of the consumer, else 0.</returns>
    private static int Note(string line, List<int> sent, List<int> processed)
    {
        // The last line may be cut off by the kill: what was not written whole did not happen, as far as anyone outside can tell.
        if (line.Length < 3 || !int.TryParse(line.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            return 0;
        switch (line[0])
        {
            case 's':
                sent.Add(id);
                return 0;
            case 'p':
                processed.Add(id);
                return 1;
            default:
                return 1;
        }
    }

    private static async Task<RunningBrokers> StartAsync(Durability durability, string? path, CancellationToken cancellationToken)
    {
        EmbeddedBroker broker = await EmbeddedBroker.StartAsync(
            new EmbeddedBrokerOptions
            {
                DataDirectory = path,
                Durability = durability,
                // Retention and expiry are shown within seconds; Kafka looks every five minutes.
                RetentionCheckInterval = TimeSpan.FromMilliseconds(200),
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return new RunningBrokers(broker, broker.Log, broker.Exchanges, (record, options, stop) => BatchClient.ResendAsync(broker, record, options, stop));
    }
}
