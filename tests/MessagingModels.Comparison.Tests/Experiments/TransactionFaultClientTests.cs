using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests.Experiments;

public class TransactionFaultClientTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_dead_leave_their_transaction_open_until_another_takes_over()
    {
        const int Count = 6;
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using NativeTarget target = new(directory);
        await using NativeSession session = await target.OpenAsync(Durability.Memory, Stop);
        await using TransactionFaultClient client = await TransactionFaultClient.ConnectAsync(session, Stop);
        for (int id = 0; id < Count; id++)
            await client.SendAsync(id, Stop);
        await client.SendAsync(Effects.EndOfMessages, Stop);
        TopicPartition output = new(session.Name("faults-output"), 0);

        Effects effects = new(remembersIds: false);
        await client.ConsumeAsync(CrashPoint.BeforeSettling, crashAt: 3, effects, Stop);
        PartitionOffsets open = await session.Log.GetOffsetsAsync(output, Stop);
        Assert.True(open.LastStable < open.HighWatermark, $"The last stable offset is {open.LastStable}, the end {open.HighWatermark}.");

        await client.ConsumeAsync(CrashPoint.None, crashAt: 0, effects, Stop);
        await client.CollectAsync(effects, Stop);
        FaultCount cost = effects.Count(Enumerable.Range(0, Count));
        Assert.Equal((0, 0), (cost.Lost, cost.Duplicated));
    }
}
