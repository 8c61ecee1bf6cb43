using System.Text;
using MessagingModels.Broker.Groups;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Broker.Tests.Groups;

public sealed class CoordinatorLogTests : IDisposable
{
    private readonly BrokerContext _context = new()
    {
        Data = DataDirectory.InMemory(),
        Options = new EmbeddedBrokerOptions(),
        Loggers = NullLoggerFactory.Instance,
    };

    public void Dispose() => _context.Data.Dispose();

    [Fact]
    public async Task Log_that_grows_is_compacted_and_keeps_the_last_value_of_every_key()
    {
        const int ValueBytes = 64 * 1024, Keys = 10, Rounds = 100;
        await using (CoordinatorLog log = Open())
        {
            for (int round = 0; round < Rounds; round++)
            {
                for (int key = 0; key < Keys; key++) Append(log, $"key-{key}", round, ValueBytes);
            }
        }

        await using CoordinatorLog reopened = Open();
        Assert.InRange(reopened.SizeInBytes, 0, Keys * Rounds * ValueBytes * 3 / 4);
        Latest latest = new();
        reopened.Replay(latest);
        Assert.Equal(Keys, latest.Values.Count);
        Assert.All(latest.Values.Values, round => Assert.Equal(Rounds - 1, round));
    }

    [Fact]
    public async Task Batch_that_was_not_completed_leaves_nothing_behind()
    {
        await using CoordinatorLog log = Open();
        using (CoordinatorLog.CoordinatorAppend append = log.BeginAppend())
        {
            append.Key.GetSpan(1)[0] = 1;
            append.Key.Advance(1);
            append.Add();
        }

        Append(log, "key", 7, 10);
        Latest latest = new();
        log.Replay(latest);
        Assert.Equal([KeyValuePair.Create("key", (byte)7)], latest.Values);
    }

    private CoordinatorLog Open() => CoordinatorLog.Open(_context, "__state-0", NullLogger.Instance);

    private static void Append(CoordinatorLog log, string key, int round, int valueBytes)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        int length = Encoding.UTF8.GetBytes(key, append.Key.GetSpan(key.Length));
        append.Key.Advance(length);
        append.Value.GetSpan(valueBytes)[..valueBytes].Fill((byte)round);
        append.Value.Advance(valueBytes);
        append.Add();
        append.Complete();
    }

    private sealed class Latest : ICoordinatorLogReader
    {
        public Dictionary<string, byte> Values { get; } = [];

        public void OnRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long offset, long producerId)
            => Values[Encoding.UTF8.GetString(key)] = value[0];

        public void OnMarker(long producerId, bool commit)
        {
        }
    }
}
