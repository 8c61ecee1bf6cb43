using System.Text;
using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Generated bindings and messages: where they go must be what a naive model says. A failure prints the seed that repeats it.</summary>
public abstract class GeneratedRoutingContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const int QueueCount = 4;
    private const int ExchangeCount = 4;
    private const int Cases = 25;

    private static readonly Gen<string> s_word = OneOf("a", "b", "", "long-word");
    private static readonly Gen<string> s_key = s_word.Array[0, 4].Select(words => string.Join('.', words));
    private static readonly Gen<string> s_pattern
        = Gen.Frequency((3, s_word), (2, Gen.Const("*")), (2, Gen.Const("#"))).Array[0, 4]
            .Where(words => words.Count(word => word == "#") <= 2).Select(words => string.Join('.', words));
    private static readonly Gen<object?> s_value = OneOf<object?>(1, 2, "1", true, 1.5, null);
    private static readonly Gen<Dictionary<string, object?>> s_headers
        = Gen.Select(OneOf("a", "b", "x-c"), s_value).Array[0, 3].Select(fields => fields.DistinctBy(field => field.Item1)
            .ToDictionary(field => field.Item1, field => field.Item2));
    private static readonly Gen<Dictionary<string, object?>> s_arguments
        = Gen.Select(s_headers, OneOf("", "all", "any", "all-with-x", "any-with-x")).Select((fields, mode) =>
            mode.Length == 0 ? fields : new Dictionary<string, object?>(fields) { ["x-match"] = mode });

    private int _topologies;

    [Fact]
    public Task Direct_exchanges_route_as_the_model_does() => SampleAsync(
        ExchangeType.Direct, s_key, (pattern, key) => pattern == key);

    [Fact]
    public Task Topic_exchanges_route_as_the_model_does() => SampleAsync(ExchangeType.Topic, s_pattern, RoutingModel.Matches);

    [Fact]
    public Task Fanout_exchanges_route_as_the_model_does() => SampleAsync(ExchangeType.Fanout, s_key, (_, _) => true);

    [Fact]
    public async Task Headers_exchanges_route_as_the_model_does()
    {
        await DeclareQueuesAsync();
        Gen<(int Queue, Dictionary<string, object?> Arguments)> binding = Gen.Select(Gen.Int[0, QueueCount - 1], s_arguments);
        await Gen.Select(binding.Array[1, 6], s_headers.Array[1, 8]).SampleAsync(
            async (bindings, messages) =>
            {
                string exchange = await DeclareExchangeAsync(ExchangeType.Headers);
                foreach ((int queue, Dictionary<string, object?> arguments) in bindings)
                    await Broker.BindQueueAsync(QueueName(queue), exchange, "", arguments);
                await PublishAllAsync(messages.Select(headers => (exchange, "", (MessageProperties?)new MessageProperties { Headers = headers })));
                await CheckAsync(message => [.. bindings
                    .Where(bound => RoutingModel.Matches(bound.Arguments, messages[message])).Select(bound => bound.Queue)], messages.Length);
            },
            iter: Cases, threads: 1);
    }

    [Fact]
    public async Task Exchanges_bound_to_exchanges_route_as_the_model_does()
    {
        await DeclareQueuesAsync();
        Gen<GeneratedBinding> binding = Gen.Select(Gen.Int[0, ExchangeCount - 1], Gen.Bool, Gen.Int[0, 3], s_pattern)
            .Select((source, toExchange, target, key) => new GeneratedBinding(source, toExchange, target, key));
        await Gen.Select(binding.Array[1, 12], Gen.Select(Gen.Int[0, ExchangeCount - 1], s_key).Array[1, 8]).SampleAsync(
            async (bindings, messages) =>
            {
                string[] exchanges = new string[ExchangeCount];
                for (int i = 0; i < ExchangeCount; i++)
                    exchanges[i] = await DeclareExchangeAsync(ExchangeType.Topic);
                foreach (GeneratedBinding bound in bindings)
                {
                    if (bound.ToExchange)
                        await Broker.BindExchangeAsync(exchanges[bound.Target], exchanges[bound.Source], bound.Key);
                    else
                        await Broker.BindQueueAsync(QueueName(bound.Target), exchanges[bound.Source], bound.Key);
                }

                await PublishAllAsync(messages.Select(message => (exchanges[message.Item1], message.Item2, (MessageProperties?)null)));
                await CheckAsync(
                    message => RoutingModel.Reach(bindings, messages[message].Item1, messages[message].Item2, RoutingModel.Matches), messages.Length);
                foreach (string exchange in exchanges)
                    await Broker.DeleteExchangeAsync(exchange);
            },
            iter: Cases, threads: 1);
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static string QueueName(int queue) => $"q{queue}";

    private async Task SampleAsync(string type, Gen<string> pattern, Func<string, string, bool> matches)
    {
        await DeclareQueuesAsync();
        Gen<GeneratedBinding> binding = Gen.Select(Gen.Int[0, QueueCount - 1], pattern)
            .Select((queue, key) => new GeneratedBinding(0, false, queue, key));
        await Gen.Select(binding.Array[1, 8], s_key.Array[1, 10]).SampleAsync(
            async (bindings, keys) =>
            {
                string exchange = await DeclareExchangeAsync(type);
                foreach (GeneratedBinding bound in bindings)
                    await Broker.BindQueueAsync(QueueName(bound.Target), exchange, bound.Key);
                await PublishAllAsync(keys.Select(key => (exchange, key, (MessageProperties?)null)));
                await CheckAsync(message => RoutingModel.Reach(bindings, 0, keys[message], matches), keys.Length);
                await Broker.DeleteExchangeAsync(exchange);
            },
            iter: Cases, threads: 1);
    }

    private async Task DeclareQueuesAsync()
    {
        for (int queue = 0; queue < QueueCount; queue++)
            await Broker.DeclareQueueAsync(QueueName(queue));
    }

    private async Task<string> DeclareExchangeAsync(string type)
    {
        string name = $"x{++_topologies}";
        await Broker.DeclareExchangeAsync(name, type);
        return name;
    }

    private async Task PublishAllAsync(IEnumerable<(string Exchange, string Key, MessageProperties? Properties)> messages)
    {
        await using IExchangeChannel channel = await OpenAsync();
        int number = 0;
        foreach ((string exchange, string key, MessageProperties? properties) in messages)
            await channel.EnqueueAsync(exchange, key, Encoding.UTF8.GetBytes($"{number++}"), properties);
        await channel.FlushAsync();
    }

    /// <summary>Takes all messages from all queues, so that the next case begins with none, and compares.</summary>
    private async Task CheckAsync(Func<int, HashSet<int>> expectedQueuesOf, int messages)
    {
        List<string>[] arrived = new List<string>[QueueCount];
        for (int queue = 0; queue < QueueCount; queue++)
            arrived[queue] = await DrainAsync(QueueName(queue));
        for (int queue = 0; queue < QueueCount; queue++)
        {
            IEnumerable<int> expected = Enumerable.Range(0, messages).Where(message => expectedQueuesOf(message).Contains(queue));
            Assert.Equal(expected.Select(message => $"{message}"), arrived[queue]);
        }
    }
}

public sealed class GeneratedRouting_on_native(NativeExchanges provider) : GeneratedRoutingContract(provider);

public sealed class GeneratedRouting_on_native_disk(NativeExchangesOnDisk provider) : GeneratedRoutingContract(provider);

public sealed class GeneratedRouting_on_rabbitmq(RabbitMqExchanges provider) : GeneratedRoutingContract(provider);
