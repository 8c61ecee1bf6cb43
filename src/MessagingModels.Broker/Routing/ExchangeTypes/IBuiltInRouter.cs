namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// A router that says what it looks at, so that a publish decodes no more than that. A router that does not say is shown everything.
/// </summary>
internal interface IBuiltInRouter : IExchangeRouter
{
    /// <summary>True where headers or properties decide.</summary>
    bool ReadsProperties { get; }

    /// <summary>True to be asked once for each of a message's routing keys (CC and BCC add some); false to be asked with the first alone.</summary>
    bool RoutesEachKey { get; }
}
