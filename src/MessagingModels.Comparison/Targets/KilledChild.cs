using System.Globalization;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A run in which the process with broker, publisher and consumer is killed, and a new one goes on with what the data directory holds.</summary>
internal static class KilledChild
{
    public static async Task<FaultCount> RunAsync(FaultSetting setting, int count, string directory, CancellationToken cancellationToken)
    {
        List<int> sent = [];
        List<int> processed = [];
        await RunUntilKilledAsync(setting, count, directory, sent, processed, cancellationToken).ConfigureAwait(false);
        Effects effects = new(setting.RemembersIds);
        foreach (int id in processed)
            effects.Apply(id);
        await using NativeSession session = await NativeTarget.OpenDirectoryAsync(Durability.PageCache, directory, cancellationToken).ConfigureAwait(false);
        await using IFaultClient client = await setting.ConnectAsync(session, cancellationToken).ConfigureAwait(false);
        foreach (int id in Enumerable.Range(0, count).Except(sent))
            await client.SendAsync(id, cancellationToken).ConfigureAwait(false);
        await client.SendAsync(Effects.EndOfMessages, cancellationToken).ConfigureAwait(false);
        await client.ConsumeAsync(CrashPoint.None, 0, effects, cancellationToken).ConfigureAwait(false);
        await client.CollectAsync(effects, cancellationToken).ConfigureAwait(false);
        return effects.Count(Enumerable.Range(0, count));
    }

    private static async Task RunUntilKilledAsync(
        FaultSetting setting, int count, string directory, List<int> sent, List<int> processed, CancellationToken cancellationToken)
    {
        int progress = 0;
        using ChildProcess child = ChildProcess.Start(ChildProgram.FaultMode, Text(IndexOf(setting)), directory, Text(count));
        while (progress < count / 2)
            progress += Note(await child.ExpectLineAsync(cancellationToken).ConfigureAwait(false), sent, processed);
        child.Kill();
        while (await child.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            Note(line, sent, processed);
        await child.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
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
}
