using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Routing;

/// <summary>An exchange: its declaration, its router and its bindings. The bindings belong to the virtual host's commands.</summary>
internal sealed class Exchange
{
    private readonly IBuiltInRouter? _builtIn;

    public Exchange(ExchangeDeclaration declaration, IExchangeRouter router)
    {
        Declaration = declaration;
        Router = router;
        _builtIn = router as IBuiltInRouter;
        History = router as IMessageHistory;
        OwnAlternate = declaration.Arguments.GetValueOrDefault("alternate-exchange") as string;
        Alternate = OwnAlternate;
    }

    public string Name => Declaration.Name;

    public ExchangeDeclaration Declaration { get; }

    public IExchangeRouter Router { get; }

    /// <summary>Where the exchange keeps messages for bindings to come; else null.</summary>
    public IMessageHistory? History { get; }

    /// <summary>Where messages wait before they are routed; null where they do not.</summary>
    public Destination? Delay { get; init; }

    /// <summary>True where a router must be shown headers and properties.</summary>
    public bool ReadsProperties => _builtIn is null || _builtIn.ReadsProperties;

    /// <summary>True where the router is asked for each routing key of a message.</summary>
    public bool RoutesEachKey => _builtIn is null || _builtIn.RoutesEachKey;

    /// <summary>The exchange that gets what matches no binding: by argument, else by policy; else null.</summary>
    public string? Alternate { get; set; }

    public string? OwnAlternate { get; }

    public Policy? Policy { get; set; }

    /// <summary>False once it is deleted.</summary>
    public bool IsLive { get; set; } = true;

    /// <summary>The bindings of which this is the source.</summary>
    public HashSet<BoundBinding> Outgoing { get; } = [];

    /// <summary>The bindings that lead here from other exchanges.</summary>
    public HashSet<BoundBinding> Incoming { get; } = [];
}
