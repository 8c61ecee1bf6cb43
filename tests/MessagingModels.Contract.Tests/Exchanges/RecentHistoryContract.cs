using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Exchanges that give a new binding the last messages first.</summary>
public abstract class RecentHistoryContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const int Cases = 20;
    private const string NoStore = "x-recent-history-no-store";

    private static readonly string[] s_queues = ["a", "b", "c"];
    private static readonly Gen<Step> s_step = Gen.Frequency(
        (4, OneOf<object?>(null, true, false).Select(noStore => new Step(StepKind.Publish, 0, "", noStore))),
        (3, Gen.Select(Gen.Int[0, 2], OneOf("", "k")).Select((queue, key) => new Step(StepKind.Bind, queue, key, null))),
        (1, Gen.Select(Gen.Int[0, 2], OneOf("", "k")).Select((queue, key) => new Step(StepKind.Unbind, queue, key, null))));

    private enum StepKind
    {
        Publish,
        Bind,
        Unbind,
    }

    [Fact]
    public async Task Generated_publishes_and_bindings_do_as_the_model_says()
    {
        Needs(ExchangeFeature.RecentHistoryExchanges);
        foreach (string queue in s_queues)
            await Broker.DeclareQueueAsync(queue);
        int exchanges = 0;
        await Gen.Select(Gen.Int[1, 4], s_step.Array[1, 25]).SampleAsync(
            async (length, steps) =>
            {
                string exchange = $"x{++exchanges}";
                await DeclareAsync(exchange, length);
                List<string>[] expected = Model(length, steps);
                for (int number = 0; number < steps.Length; number++)
                    await TakeStepAsync(exchange, steps[number], $"{number}");
                for (int queue = 0; queue < s_queues.Length; queue++)
                    Assert.Equal(expected[queue], await DrainAsync(s_queues[queue]));
                await Broker.DeleteExchangeAsync(exchange);
            },
            iter: Cases, threads: 1);
    }

    [Fact]
    public async Task Unless_told_otherwise_the_last_twenty_are_kept()
    {
        await DeclareAsync("x", length: null);
        for (int i = 0; i < 25; i++)
            await PublishAsync("x", "k", $"{i}");
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "x");
        Assert.Equal(Enumerable.Range(5, 20).Select(i => $"{i}"), await DrainAsync("q"));
    }

    [Fact]
    public async Task What_comes_from_the_history_is_as_it_was_published()
    {
        await DeclareAsync("x", length: 3);
        await PublishAsync("x", "key", "m", new MessageProperties { MessageId = "id", Persistent = true, Headers = Table(("n", 1)) });
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "x", "other");
        Delivery delivery = await TakeAsync("q");
        Assert.Equal(
            ("x", "key", "m", "id", true, 1, false),
            (delivery.Exchange, delivery.RoutingKey, delivery.Text, delivery.Properties.MessageId, delivery.Properties.Persistent,
                delivery.Properties.Headers["n"], delivery.Redelivered));
    }

    [Fact]
    public async Task An_exchange_that_is_bound_passes_the_history_on()
    {
        await DeclareAsync("x", length: 3);
        await PublishAsync("x", "key", "1");
        await PublishAsync("x", "other", "2");
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "amq.topic", "#");
        await Broker.BindExchangeAsync("amq.topic", "x");
        Assert.Equal(["1", "2"], (await DrainAsync("q")).Order());
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData("many", "<<\"many\">>")]
    [InlineData(true, "true")]
    public async Task A_length_that_is_no_sensible_number_is_refused(object length, string shown)
    {
        Needs(ExchangeFeature.RecentHistoryExchanges);
        await FailedAsync($"Invalid argument {shown}, 'x-recent-history-length' must be a positive integer", () => DeclareAsync("x", length));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private async Task DeclareAsync(string exchange, object? length)
    {
        Needs(ExchangeFeature.RecentHistoryExchanges);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration(exchange, ExchangeType.RecentHistory)
        {
            Arguments = length is null ? Table() : Table(("x-recent-history-length", length)),
        });
    }

    private async Task TakeStepAsync(string exchange, Step step, string text)
    {
        if (step.Kind is StepKind.Publish)
            await PublishAsync(exchange, "", text, step.NoStore is null ? null : new MessageProperties { Headers = Table((NoStore, step.NoStore)) });
        else if (step.Kind is StepKind.Bind)
            await Broker.BindQueueAsync(s_queues[step.Queue], exchange, step.Key);
        else
            await Broker.UnbindAsync(new Binding(exchange, BindingTarget.Queue, s_queues[step.Queue], step.Key));
    }

    /// <summary>What each queue should hold in the end. A message's text is the number of its step.</summary>
    private static List<string>[] Model(int length, Step[] steps)
    {
        List<string>[] queues = [[], [], []];
        List<string> history = [];
        HashSet<(int Queue, string Key)> bindings = [];
        for (int number = 0; number < steps.Length; number++)
        {
            Step step = steps[number];
            if (step.Kind is StepKind.Bind)
            {
                if (bindings.Add((step.Queue, step.Key)))
                    queues[step.Queue].AddRange(history);
            }
            else if (step.Kind is StepKind.Unbind)
            {
                bindings.Remove((step.Queue, step.Key));
            }
            else
            {
                foreach (int queue in bindings.Select(bound => bound.Queue).Distinct())
                    queues[queue].Add($"{number}");
                if (step.NoStore is not true)
                    history.Add($"{number}");
                if (history.Count > length)
                    history.RemoveAt(0);
            }
        }

        return queues;
    }

    /// <summary>Something that is done to an exchange.</summary>
    /// <param name="Kind">What.</param>
    /// <param name="Queue">The queue that is bound or unbound, by its number.</param>
    /// <param name="Key">The binding's key.</param>
    /// <param name="NoStore">The header that keeps a message out of the history; null for none.</param>
    private sealed record Step(StepKind Kind, int Queue, string Key, object? NoStore);
}

public sealed class RecentHistory_on_native(NativeExchanges provider) : RecentHistoryContract(provider);

public sealed class RecentHistory_on_native_disk(NativeExchangesOnDisk provider) : RecentHistoryContract(provider);

public sealed class RecentHistory_on_rabbitmq(RabbitMqExchanges provider) : RecentHistoryContract(provider);
