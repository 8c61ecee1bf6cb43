using System.Reflection;

namespace MessagingModels.Tests.Exchanges;

public sealed class ConsumeExtensionTests
{
    [Fact]
    public async Task A_consumer_on_a_channel_of_its_own_closes_it_with_itself()
    {
        IExchangeBroker broker = ScriptedExchanges.Create(out List<string> calls, refuses: false);

        IQueueConsumer consumer = await broker.ConsumeAsync("audit");
        await consumer.DisposeAsync();

        Assert.Equal(["OpenChannelAsync", "ConsumeAsync", "consumer closed", "channel closed"], calls);
    }

    [Fact]
    public async Task A_consumer_that_is_refused_leaves_no_channel_open()
    {
        IExchangeBroker broker = ScriptedExchanges.Create(out List<string> calls, refuses: true);

        await Assert.ThrowsAsync<ChannelException>(async () => await broker.ConsumeAsync("audit"));

        Assert.Equal(["OpenChannelAsync", "ConsumeAsync", "channel closed"], calls);
    }
}

/// <summary>A broker, channel and consumer in one that write down what is called.</summary>
public class ScriptedExchanges : DispatchProxy
{
    private List<string> _calls = [];
    private string _role = "broker";
    private bool _refuses;

    internal static IExchangeBroker Create(out List<string> calls, bool refuses)
    {
        calls = [];
        return Create<IExchangeBroker>("broker", calls, refuses);
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncDisposable.DisposeAsync))
        {
            _calls.Add($"{_role} closed");
            return default(ValueTask);
        }

        _calls.Add(targetMethod.Name);
        if (targetMethod.Name == nameof(IExchangeBroker.OpenChannelAsync))
            return new ValueTask<IExchangeChannel>(Create<IExchangeChannel>("channel", _calls, _refuses));
        if (_refuses)
            throw new ChannelException(ReplyCode.NotFound, "NOT_FOUND - no queue 'audit'");
        return new ValueTask<IQueueConsumer>(Create<IQueueConsumer>("consumer", _calls, _refuses));
    }

    private static T Create<T>(string role, List<string> calls, bool refuses)
        where T : class
    {
        T proxy = Create<T, ScriptedExchanges>();
        var script = (ScriptedExchanges)(object)proxy;
        script._role = role;
        script._calls = calls;
        script._refuses = refuses;
        return proxy;
    }
}
