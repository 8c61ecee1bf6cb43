using BenchmarkDotNet.Attributes;
using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Benchmarks;

/// <summary>
/// One operation finds the bindings of one message. Keys are skewed as real ones are: the rank of a key is its frequency (Zipf).
/// Direct, topic and consistent-hash find a few bindings among many; fanout and headers must look at each.
/// </summary>
[Config(typeof(RatioConfig))]
public class RouteBenchmarks
{
    private const int Keys = 8192;
    private const int Routes = 200_000;
    private const int RoutesThroughAll = 200;

    /// <summary>A consistent-hash exchange orders its whole ring at every binding, so that 10,000 of them take minutes to make.</summary>
    private const int HashBindings = 100;

    private readonly RouteMatches _matches = new();
    private readonly string[] _keys = new string[Keys];
    private readonly MessageProperties[] _properties = new MessageProperties[Keys];
    private IExchangeRouter _direct = null!;
    private IExchangeRouter _topic = null!;
    private IExchangeRouter _hash = null!;
    private IExchangeRouter _fanout = null!;
    private IExchangeRouter _headers = null!;

    [Params(100, 10_000)]
    public int Bindings { get; set; }

    [GlobalSetup]
    public void Bind()
    {
        _direct = Create(ExchangeType.Direct, i => ($"module{i}.src.modified", null));
        _topic = Create(ExchangeType.Topic, i => (i % 2 == 0 ? $"module{i}.*.modified" : $"module{i}.#", null));
        _hash = Create(ExchangeType.ConsistentHash, _ => ("1", null), HashBindings);
        _fanout = Create(ExchangeType.Fanout, _ => ("", null));
        _headers = Create(ExchangeType.Headers, i => ("", new Dictionary<string, object?> { ["module"] = $"module{i}", ["x-match"] = "all" }));
        Random random = new(1);
        for (int i = 0; i < Keys; i++)
        {
            int rank = (int)Math.Pow(100_000, random.NextDouble()) - 1;
            _keys[i] = $"module{rank}.src.modified";
            _properties[i] = new MessageProperties { Headers = new Dictionary<string, object?> { ["module"] = $"module{rank}" } };
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Routes)]
    public int Topic() => Route(_topic, Routes);

    [Benchmark(OperationsPerInvoke = Routes)]
    public int Direct() => Route(_direct, Routes);

    [Benchmark(OperationsPerInvoke = Routes)]
    public int ConsistentHashOf100() => Route(_hash, Routes);

    [Benchmark(OperationsPerInvoke = RoutesThroughAll)]
    public int Fanout() => Route(_fanout, RoutesThroughAll);

    [Benchmark(OperationsPerInvoke = RoutesThroughAll)]
    public int Headers() => Route(_headers, RoutesThroughAll);

    private int Route(IExchangeRouter router, int count)
    {
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            _matches.Clear();
            router.Route(new RoutedMessage(_keys[i % Keys], default, null, _properties[i % Keys]), _matches);
            found += _matches.Count;
        }

        return found;
    }

    private IExchangeRouter Create(string type, Func<int, (string Key, Dictionary<string, object?>? Arguments)> binding, int most = int.MaxValue)
    {
        IExchangeRouter router = new ExchangeTypeRegistry([]).Find(type)!.CreateRouter(new ExchangeDeclaration("x", type));
        for (int i = 0; i < Math.Min(Bindings, most); i++)
        {
            (string key, Dictionary<string, object?>? arguments) = binding(i);
            router.Add(new Binding("x", BindingTarget.Queue, $"q{i}", key, arguments));
        }

        return router;
    }
}
