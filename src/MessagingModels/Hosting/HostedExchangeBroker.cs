namespace MessagingModels.Hosting;

/// <summary>The exchange model as the container hands it out: may be injected before the host starts, works while it runs.</summary>
internal sealed class HostedExchangeBroker(ProviderHost host) : IExchangeBroker, IDisposable
{
    public string VirtualHost => host.Exchanges.VirtualHost;

    public Capabilities<ExchangeFeature> Capabilities => host.Exchanges.Capabilities;

    public ValueTask DeclareExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken = default)
        => host.Exchanges.DeclareExchangeAsync(exchange, cancellationToken);

    public ValueTask DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellationToken = default)
        => host.Exchanges.DeleteExchangeAsync(exchange, ifUnused, cancellationToken);

    public ValueTask<ExchangeDescription> DescribeExchangeAsync(string exchange, CancellationToken cancellationToken = default)
        => host.Exchanges.DescribeExchangeAsync(exchange, cancellationToken);

    public ValueTask<QueueDeclared> DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken = default)
        => host.Exchanges.DeclareQueueAsync(queue, cancellationToken);

    public ValueTask<long> DeleteQueueAsync(
        string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellationToken = default)
        => host.Exchanges.DeleteQueueAsync(queue, ifUnused, ifEmpty, cancellationToken);

    public ValueTask<long> PurgeQueueAsync(string queue, CancellationToken cancellationToken = default)
        => host.Exchanges.PurgeQueueAsync(queue, cancellationToken);

    public ValueTask<QueueDescription> DescribeQueueAsync(string queue, CancellationToken cancellationToken = default)
        => host.Exchanges.DescribeQueueAsync(queue, cancellationToken);

    public ValueTask BindAsync(Binding binding, CancellationToken cancellationToken = default)
        => host.Exchanges.BindAsync(binding, cancellationToken);

    public ValueTask UnbindAsync(Binding binding, CancellationToken cancellationToken = default)
        => host.Exchanges.UnbindAsync(binding, cancellationToken);

    public ValueTask<IReadOnlyList<ExchangeDescription>> ListExchangesAsync(CancellationToken cancellationToken = default)
        => host.Exchanges.ListExchangesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QueueDescription>> ListQueuesAsync(CancellationToken cancellationToken = default)
        => host.Exchanges.ListQueuesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Binding>> ListBindingsAsync(CancellationToken cancellationToken = default)
        => host.Exchanges.ListBindingsAsync(cancellationToken);

    public ValueTask SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default)
        => host.Exchanges.SetPolicyAsync(policy, cancellationToken);

    public ValueTask DeletePolicyAsync(string name, CancellationToken cancellationToken = default)
        => host.Exchanges.DeletePolicyAsync(name, cancellationToken);

    public ValueTask<IReadOnlyList<Policy>> ListPoliciesAsync(CancellationToken cancellationToken = default)
        => host.Exchanges.ListPoliciesAsync(cancellationToken);

    public ValueTask<IExchangeChannel> OpenChannelAsync(ChannelOptions? options = null, CancellationToken cancellationToken = default)
        => host.Exchanges.OpenChannelAsync(options, cancellationToken);

    /// <summary>Does nothing: the provider owns the broker.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Does nothing; there so that a container may be disposed without waiting.</summary>
    public void Dispose()
    {
    }
}
