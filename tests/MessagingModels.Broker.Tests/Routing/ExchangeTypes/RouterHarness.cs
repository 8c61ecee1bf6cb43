using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

/// <summary>A router of a type, with bindings named by their destinations.</summary>
internal sealed class RouterHarness
{
    private readonly IExchangeRouter _router;
    private readonly RouteMatches _matches = new();
    private readonly Dictionary<string, Binding> _bindings = [];

    public RouterHarness(string type, params (string Name, object? Value)[] arguments)
    {
        ExchangeTypeRegistry types = new([]);
        ExchangeDeclaration declaration = new("x", type) { Arguments = ToDictionary(arguments) };
        _router = types.Find(type)!.CreateRouter(declaration);
    }

    public void Bind(string destination, string key, params (string Name, object? Value)[] arguments)
    {
        Binding binding = new("x", BindingTarget.Queue, destination, key, ToDictionary(arguments));
        _router.Add(binding);
        _bindings.Add(destination, binding);
    }

    public void Unbind(string destination)
    {
        _router.Remove(_bindings[destination]);
        _bindings.Remove(destination);
    }

    /// <summary>The destinations, in ordinal order.</summary>
    public string[] Route(string key, MessageProperties? properties = null)
    {
        _matches.Clear();
        _router.Route(new RoutedMessage(key, default, null, properties), _matches);
        return [.. _matches.Bindings.ToArray().Select(binding => binding.Destination).Order(StringComparer.Ordinal)];
    }

    public string[] RouteHeaders(params (string Name, object? Value)[] headers)
        => Route("", new MessageProperties { Headers = ToDictionary(headers) });

    /// <summary>Bytes allocated by a thousand routes after warming up.</summary>
    public long AllocatedBy(string key, MessageProperties? properties = null)
    {
        Run();
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Run()
        {
            for (int i = 0; i < 1000; i++)
            {
                _matches.Clear();
                _router.Route(new RoutedMessage(key, default, null, properties), _matches);
            }
        }
    }

    private static Dictionary<string, object?> ToDictionary((string Name, object? Value)[] values)
        => values.ToDictionary(value => value.Name, value => value.Value);
}
