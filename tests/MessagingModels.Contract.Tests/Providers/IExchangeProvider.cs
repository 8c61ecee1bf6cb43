using MessagingModels.Contract.Tests.Providers;

[assembly: AssemblyFixture(typeof(NativeExchanges))]
[assembly: AssemblyFixture(typeof(NativeExchangesOnDisk))]
[assembly: AssemblyFixture(typeof(RabbitMqExchanges))]

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>A system that the exchange contract runs on. One for the whole run; it starts what it needs when the first test asks.</summary>
public interface IExchangeProvider
{
    /// <summary>Gives a test a virtual host of its own. Skips the test, with the reason, where the system cannot be had.</summary>
    ValueTask<ExchangeSite> OpenAsync();
}

/// <summary>A virtual host of one test, and the test's connections to it; both go with the test.</summary>
public sealed class ExchangeSite : IAsyncDisposable
{
    private readonly Func<ValueTask<IExchangeBroker>> _connect;
    private readonly Func<ValueTask> _delete;
    private readonly List<IExchangeBroker> _connections = [];

    private ExchangeSite(Func<ValueTask<IExchangeBroker>> connect, Func<ValueTask> delete, bool isReal, string user)
    {
        _connect = connect;
        _delete = delete;
        IsReal = isReal;
        User = user;
    }

    /// <summary>True where it is RabbitMQ's; false where it is the embedded broker's.</summary>
    public bool IsReal { get; }

    /// <summary>The user that its connections log in as.</summary>
    public string User { get; }

    /// <summary>The test's first connection.</summary>
    public IExchangeBroker Broker => _connections[0];

    /// <summary>Connects to a virtual host that exists.</summary>
    public static async ValueTask<ExchangeSite> OpenAsync(
        Func<ValueTask<IExchangeBroker>> connect, Func<ValueTask> delete, bool isReal, string user)
    {
        ExchangeSite site = new(connect, delete, isReal, user);
        await site.ConnectAsync();
        return site;
    }

    /// <summary>Another connection to the same virtual host.</summary>
    public async ValueTask<IExchangeBroker> ConnectAsync()
    {
        IExchangeBroker connection = await _connect();
        _connections.Add(connection);
        return connection;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (IExchangeBroker connection in _connections)
            await connection.DisposeAsync();
        await _delete();
    }
}
