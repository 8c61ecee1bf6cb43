namespace MessagingModels;

/// <summary>The messaging models that a provider may offer.</summary>
[Flags]
public enum MessagingModel
{
    /// <summary>Neither.</summary>
    None = 0,
    /// <summary>The partitioned log: <see cref="ILogBroker"/>.</summary>
    Log = 1,
    /// <summary>Exchanges and queues: <see cref="IExchangeBroker"/>.</summary>
    Exchange = 2,
    /// <summary>Both.</summary>
    Both = Log | Exchange,
}
