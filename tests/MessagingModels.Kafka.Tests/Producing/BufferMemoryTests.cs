using MessagingModels.Kafka.Producing;

namespace MessagingModels.Kafka.Tests.Producing;

public sealed class BufferMemoryTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Memory_is_reserved_up_to_the_capacity()
    {
        BufferMemory memory = new(100);

        Assert.True(memory.TryReserve(60));
        Assert.False(memory.TryReserve(50));
        Assert.True(memory.TryReserve(40));
        memory.Release(60);
        Assert.True(memory.TryReserve(50));
    }

    [Fact]
    public void Record_larger_than_the_buffer_goes_alone()
    {
        BufferMemory memory = new(100);

        Assert.True(memory.TryReserve(1000));
        Assert.False(memory.TryReserve(1));
        memory.Release(1000);
        Assert.True(memory.TryReserve(100));
    }

    [Fact]
    public async Task Full_buffer_is_awaited_until_enough_is_free()
    {
        BufferMemory memory = new(100);
        Assert.True(memory.TryReserve(60) && memory.TryReserve(40));
        Task reserved = memory.ReserveAsync(50).AsTask();
        memory.Release(40);
        Assert.False(reserved.IsCompleted);

        memory.Release(60);
        await reserved.WaitAsync(s_limit);
        Assert.False(memory.TryReserve(51));
    }

    [Fact]
    public async Task Many_threads_never_hold_more_than_the_capacity()
    {
        BufferMemory memory = new(10);
        int held = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!memory.TryReserve(4))
                    continue;
                Assert.True(Interlocked.Add(ref held, 4) <= 10);
                Interlocked.Add(ref held, -4);
                memory.Release(4);
            }
        })));

        Assert.True(memory.TryReserve(10));
    }
}
