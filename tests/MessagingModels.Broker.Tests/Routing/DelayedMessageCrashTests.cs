namespace MessagingModels.Broker.Tests.Routing;

/// <summary>
/// Messages of a delayed-message exchange, with crashes at every step of the file system while they are taken in, wait, are moved to give
/// space back, and become due. What was confirmed reaches its queue, not before its time; a crash may make it reach it twice.
/// </summary>
public sealed class DelayedMessageCrashTests
{
    private const int MessagesPerRun = 9;
    private const string Padding = "................................................................................";

    [Theory]
    [InlineData(CrashKind.ProcessKill, 0.0, 0)]
    [InlineData(CrashKind.ProcessKill, 0.6, 1)]
    [InlineData(CrashKind.PowerFailure, 0.5, 2)]
    public async Task Every_confirmed_message_becomes_due_after_a_crash_at_any_step(CrashKind kind, double torn, int seed)
    {
        int crashes = await CrashRun.EverywhereAsync(kind, torn, seed, DefineAsync, name => new Script(name).RunAsync);
        Assert.True(crashes > 60, $"The script has only {crashes} steps.");
    }

    private static async Task DefineAsync(ExchangeRoom room)
    {
        await room.Broker.DeclareExchangeAsync(new ExchangeDeclaration("later", ExchangeType.DelayedMessage)
        {
            Arguments = new Dictionary<string, object?> { ["x-delayed-type"] = "direct" },
        });
        await room.Broker.DeclareQueueAsync("q");
        await room.Broker.BindQueueAsync("q", "later", "k");
    }

    private sealed class Script(string name)
    {
        /// <summary>When each message that was published may be delivered, in seconds since the clock of every run begins.</summary>
        private readonly Dictionary<string, int> _published = [];

        /// <summary>Confirmed, and not acknowledged since.</summary>
        private readonly HashSet<string> _owed = [];
        private int _starts;

        /// <summary>What a run before has seen of its clock: what was due by then may lie in the queue from the beginning.</summary>
        private int _latest;
        private int _reached;

        public async Task RunAsync(ExchangeRoom room)
        {
            _latest = _reached;
            string context = $"{name}, start {++_starts}";
            await using IExchangeChannel channel = await room.Broker.OpenChannelAsync();
            for (int i = 0; i < MessagesPerRun; i++)
            {
                string body = $"{_starts}.{i}{Padding}";
                int seconds = (i * 7 % 5) + 1;
                _published.Add(body, seconds);
                await channel.PublishAsync("later", "k", body, Delayed(seconds));
                _owed.Add(body);
            }

            for (int second = 0; second <= 5; second++)
            {
                int now = second;
                await room.UntilAsync(() => room.Host.Delayed.Count <= _published.Values.Count(due => due > now));
                await TakeAsync(channel, now, context);
                if (now == 5) break;
                _reached = Math.Max(_reached, now + 1);
                room.Time.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.True(_owed.Count == 0, $"{context}: {_owed.Count} messages are lost, the first is {_owed.FirstOrDefault()}.");
            Assert.Equal(0, room.Host.Delayed.Count);
        }

        private async Task TakeAsync(IExchangeChannel channel, int now, string context)
        {
            while (await channel.GetAsync("q") is { } delivery)
            {
                Assert.True(_published.TryGetValue(delivery.Text, out int due), $"{context}: nobody published '{delivery.Text}'.");
                Assert.True(due <= Math.Max(now, _latest), $"{context}: '{delivery.Text}' came after {now} of {due} seconds.");
                await delivery.AckAsync();
                _owed.Remove(delivery.Text);
            }
        }

        private static MessageProperties Delayed(int seconds)
            => new() { Persistent = true, Headers = new Dictionary<string, object?> { ["x-delay"] = seconds * 1000 } };
    }
}
