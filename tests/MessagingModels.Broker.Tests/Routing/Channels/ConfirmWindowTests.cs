using CsCheck;
using MessagingModels.Broker.Routing.Channels;

namespace MessagingModels.Broker.Tests.Routing.Channels;

public class ConfirmWindowTests
{
    [Fact]
    public void A_publish_is_settled_once_all_its_destinations_have_it()
    {
        Listener listener = new();
        ConfirmWindow window = new(8, listener);
        ulong sequence = window.Begin(3, "m");
        window.OnStored(sequence);
        window.OnStored(sequence);
        Assert.Empty(listener.Settled);
        window.OnStored(sequence);
        Assert.Equal([(sequence, false)], listener.Settled);
    }

    [Fact]
    public void One_refusal_refuses_the_publish_but_a_deleted_queue_refuses_nothing()
    {
        Listener listener = new();
        ConfirmWindow window = new(8, listener);
        ulong one = window.Begin(2, null), two = window.Begin(2, null);
        window.OnRefused(one, new InvalidOperationException("full"));
        window.OnStored(one);
        window.OnRefused(two, new ChannelException(ReplyCode.NotFound, "NOT_FOUND - no queue 'q' in vhost '/'"));
        window.OnStored(two);
        Assert.Equal([(one, true), (two, false)], listener.Settled);
    }

    [Fact]
    public async Task Room_and_flushes_follow_the_settled_publishes_in_any_order()
        => await Gen.Int[1, 12].SelectMany(capacity => Gen.Select(Gen.Const(capacity), Gen.Shuffle(Enumerable.Range(0, capacity).ToArray())))
            .SampleAsync(async (int capacity, int[] order) =>
            {
                ConfirmWindow window = new(capacity, new Listener());
                ulong[] sequences = [.. order.Select(_ => window.Begin(1, null))];
                Assert.False(window.HasRoom);
                Task room = window.WaitForRoomAsync(CancellationToken.None);
                Task flush = window.FlushAsync(CancellationToken.None);
                for (int i = 0; i < order.Length; i++)
                {
                    Assert.False(flush.IsCompleted);
                    window.OnStored(sequences[order[i]]);
                    int settledInARow = Enumerable.Range(0, capacity).TakeWhile(n => order.AsSpan(0, i + 1).Contains(n)).Count();
                    Assert.Equal(settledInARow > 0, window.HasRoom);
                    bool isHalfFree = settledInARow == capacity || capacity - settledInARow <= capacity / 2;
                    if (isHalfFree)
                        await room.WaitAsync(TimeSpan.FromSeconds(10));
                    else
                        Assert.False(room.IsCompleted);
                }

                await flush.WaitAsync(TimeSpan.FromSeconds(10));
            });

    [Fact]
    public async Task Publisher_and_settling_threads_meet_without_losing_a_wake_up()
    {
        Listener listener = new();
        ConfirmWindow window = new(4, listener);
        System.Threading.Channels.Channel<ulong> posted = System.Threading.Channels.Channel.CreateUnbounded<ulong>();
        Task settling = Task.Run(async () =>
        {
            await foreach (ulong sequence in posted.Reader.ReadAllAsync())
                window.OnStored(sequence);
        });
        for (int i = 0; i < 20_000; i++)
        {
            while (!window.HasRoom)
                await window.WaitForRoomAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
            posted.Writer.TryWrite(window.Begin(1, null));
        }

        posted.Writer.Complete();
        await window.FlushAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        await settling;
        Assert.Equal(20_000, listener.Settled.Count);
    }

    private sealed class Listener : IConfirmListener
    {
        public List<(ulong Sequence, bool IsRefused)> Settled { get; } = [];

        public void OnSettled(ulong sequence, object? state, bool isRefused, Exception? error) => Settled.Add((sequence, isRefused));
    }
}
