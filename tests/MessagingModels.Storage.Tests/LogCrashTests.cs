using MessagingModels.Formats.Records;
using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

/// <summary>
/// A script of appends, rolls, deletion, truncation and compaction crashes at every single step; the log is recovered, written again,
/// crashed again at a random step and recovered again. Invariants: nothing acknowledged is lost unless the script removed it, offsets
/// ascend, every record is one that was written, and recovery never takes what a crash left for corruption.
/// </summary>
public sealed class LogCrashTests
{
    private const string Directory = "/data/orders-0";

    [Theory]
    [InlineData(Durability.PageCache, 0.0)]
    [InlineData(Durability.PageCache, 0.5)]
    [InlineData(Durability.Fsync, 0.9)]
    public void A_process_killed_at_any_step_loses_nothing_acknowledged(Durability durability, double torn) =>
        CrashEverywhere(durability, torn, static (files, _) => files.AfterProcessKill(), seed: 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_power_failure_at_any_step_loses_nothing_acknowledged_after_a_flush(int seed) =>
        CrashEverywhere(Durability.Fsync, 0.5, static (files, random) => files.AfterPowerFailure(random), seed);

    private static void CrashEverywhere(Durability durability, double torn, Func<FaultyFileSystem, Random, FaultyFileSystem> crash, int seed)
    {
        int crashes = 0;
        for (int step = 1; ; step++)
        {
            Random random = new((seed * 100_000) + step);
            Run run = new(durability, $"seed {seed}, crash at step {step}");
            FaultyFileSystem files = new() { CrashAtStep = step, TornFraction = torn };
            if (run.RunScript(files)) break;
            crashes++;

            files = crash(files, random);
            files.CrashAtStep = 1 + random.Next(40);
            files.TornFraction = torn;
            run.RunScript(files);
            Assert.True(run.RunScript(crash(files, random)), "Without a crash the script ends.");
        }
        Assert.True(crashes > 60, $"The script has only {crashes} steps.");
    }

    /// <summary>The script and what it may count on.</summary>
    private sealed class Run(Durability durability, string name)
    {
        private readonly HashSet<string> _written = [];
        private Dictionary<long, string> _promised = [];
        private int _opened;

        /// <summary>False where it met a crash.</summary>
        public bool RunScript(FaultyFileSystem files)
        {
            DataDirectory? store = null;
            try
            {
                store = DataDirectory.Open(files, "/data");
                _opened++;
                Log log = Log.Open(store, Directory, new LogOptions { Durability = durability, SegmentBytes = 900, IndexIntervalBytes = 150 });
                Check(log);
                for (int i = 0; i < 6; i++) Append(log);
                long start = log.LogStartOffset + 2;
                Remove(log, () => log.DeleteBefore(start), offset => offset >= start);
                for (int i = 0; i < 4; i++) Append(log);
                long cut = log.NextOffset - 2;
                Remove(log, () => log.TruncateTo(cut), offset => offset < cut);
                for (int i = 0; i < 3; i++) Append(log);
                HashSet<long> latest = [.. Batches.ReadKeys(log).GroupBy(r => r.Key).Select(g => g.Last().Offset)];
                Remove(log, () => log.Compact(), latest.Contains);
                Append(log);
                log.DisposeAsync().AsTask().GetAwaiter().GetResult();
                // A failed mark of the clean shutdown is no error, but a crash there is one to this script.
                return files.EnumerateDirectories("/data").Count == 1;
            }
            catch (Exception error) when (HasCrash(error))
            {
                return false;
            }
            finally
            {
                Release(store);
            }
        }

        private void Append(Log log)
        {
            string value = $"{_written.Count} {new string('x', 150)}";
            byte[] batch = Batches.OfKeys(1000 + _written.Count, CompressionCodec.None, ($"key {_written.Count % 3}", value));
            _written.Add(value);
            LogAppendResult at = log.Append(batch);
            log.WaitDurableAsync(at.LastOffset + 1).AsTask().GetAwaiter().GetResult();
            _promised.Add(at.FirstOffset, value);
        }

        // From its beginning on a removal may have taken what it is to take; the rest stays promised throughout.
        private void Remove(Log log, Action removal, Func<long, bool> mustStay)
        {
            _promised = _promised.Where(p => mustStay(p.Key)).ToDictionary();
            removal();
            Check(log);
        }

        private void Check(Log log)
        {
            string context = $"{name}, opened {_opened} times";
            List<(long Offset, string Key, string? Value)> records = Batches.ReadKeys(log);
            for (int i = 1; i < records.Count; i++) Assert.True(records[i].Offset > records[i - 1].Offset, $"{context}: offsets go back.");
            Dictionary<long, string> found = records.ToDictionary(r => r.Offset, r => r.Value!);
            foreach ((long offset, string value) in _promised)
                Assert.True(found.TryGetValue(offset, out string? text) && text == value, $"{context}: offset {offset} is lost or changed.");
            Assert.All(found.Values, v => Assert.Contains(v, _written));
            // What is there though nobody promised it has been read now, and counts.
            _promised = found;
        }

        private static bool HasCrash(Exception? error) => error is SimulatedCrashException || (error is not null && HasCrash(error.InnerException));

        private static void Release(DataDirectory? store)
        {
            try
            {
                store?.Dispose();
            }
            catch (SimulatedCrashException)
            {
                // The dead process's flusher has ended; its lock dies with the file system.
            }
        }
    }
}
