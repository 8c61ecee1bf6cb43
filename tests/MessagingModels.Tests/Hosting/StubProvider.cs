using System.Reflection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.Tests.Hosting;

/// <summary>Offers brokers that answer every call with nothing, and remembers what was done to it.</summary>
internal class StubProvider : IMessagingProvider
{
    public virtual string Name => "stub";

    public List<string> Events { get; } = [];

    public HealthCheckResult Health { get; set; } = HealthCheckResult.Healthy("The stub is well.");

    public Exception? StartFailure { get; set; }

    public bool WithoutExchanges { get; set; }

    public ValueTask<MessagingBrokers> StartAsync(CancellationToken cancellationToken)
    {
        Events.Add("started");
        if (StartFailure is not null)
            return ValueTask.FromException<MessagingBrokers>(StartFailure);
        return ValueTask.FromResult(new MessagingBrokers(
            DispatchProxy.Create<ILogBroker, AnswersNothing>(),
            WithoutExchanges ? null : DispatchProxy.Create<IExchangeBroker, AnswersNothing>()));
    }

    public ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Health);

    public ValueTask DisposeAsync()
    {
        Events.Add("disposed");
        return ValueTask.CompletedTask;
    }
}

/// <summary>A second provider, for what happens between two.</summary>
internal sealed class OtherStubProvider : StubProvider
{
    public override string Name => "other";
}

/// <summary>An implementation of any interface whose methods do nothing. Not sealed: its proxies derive from it.</summary>
public class AnswersNothing : DispatchProxy
{
    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Type type = targetMethod!.ReturnType;
        return type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type) : null;
    }
}
