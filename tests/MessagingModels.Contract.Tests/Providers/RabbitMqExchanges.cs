namespace MessagingModels.Contract.Tests.Providers;

/// <summary>Real RabbitMQ.</summary>
public sealed class RabbitMqExchanges : IExchangeProvider
{
    /// <inheritdoc />
    public ValueTask<ExchangeSite> OpenAsync()
    {
        Assert.Skip("There is no RabbitMQ adapter yet.");
        return default;
    }
}
