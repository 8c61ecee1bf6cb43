using System.Reflection;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests.Measuring;

public class DrainTests
{
    private const int Messages = 50;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queue_is_drained_whether_or_not_the_broker_can_count_it(bool canCount)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using NativeTarget target = new(directory);
        await using TargetSession session = await target.OpenAsync(Durability.Memory, stop);
        string queue = await session.DeclareQueueAsync("queue", stop);
        await Fill.QueueAsync(session, queue, Messages, stop);
        IExchangeBroker exchanges = canCount ? session.Exchanges : WithoutManagement.Of(session.Exchanges);

        List<Delivery> drained = await Consume.DrainAsync(exchanges, queue, stop);

        Assert.Equal(Enumerable.Range(0, Messages), drained.Select(static delivery => TaggedBody.ReadId(delivery.Body)));
        Assert.Empty(await Consume.DrainAsync(exchanges, queue, stop));
        await Assert.ThrowsAsync<ChannelException>(() => Consume.DrainAsync(exchanges, "no-such-queue", stop));
    }
}

/// <summary>A broker as RabbitMQ is without its management API: it describes no queue.</summary>
public class WithoutManagement : DispatchProxy
{
    private static readonly Capabilities<ExchangeFeature> Few = new("RabbitMQ", new Dictionary<ExchangeFeature, string> { [ExchangeFeature.QueueDescriptions] = "there is no management API" });

    private IExchangeBroker? _broker;

    public static IExchangeBroker Of(IExchangeBroker broker)
    {
        IExchangeBroker proxy = Create<IExchangeBroker, WithoutManagement>();
        ((WithoutManagement)proxy)._broker = broker;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case $"get_{nameof(IExchangeBroker.Capabilities)}":
                return Few;
            case nameof(IExchangeBroker.DescribeQueueAsync):
                Few.Demand(ExchangeFeature.QueueDescriptions);
                break;
        }

        return targetMethod.Invoke(_broker, args);
    }
}
