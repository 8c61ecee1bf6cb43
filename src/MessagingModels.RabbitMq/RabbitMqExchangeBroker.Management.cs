using MessagingModels.RabbitMq.Management;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq;

/// <summary>What AMQP 0-9-1 has no commands for.</summary>
public sealed partial class RabbitMqExchangeBroker
{
    /// <inheritdoc />
    public async ValueTask<ExchangeDescription> DescribeExchangeAsync(string exchange, CancellationToken cancellationToken = default)
    {
        ShortText.Check(exchange, ExchangeName);
        ManagementClient management = Managed(ExchangeFeature.ExchangeDescriptions);
        if (await management.FindExchangeAsync(exchange, cancellationToken).ConfigureAwait(false) is { } found)
            return found;
        // RabbitMQ is to say in its own words that there is none.
        await _administration.RunAsync(channel => channel.ExchangeDeclarePassiveAsync(exchange), cancellationToken).ConfigureAwait(false);
        return await management.FindExchangeAsync(exchange, cancellationToken).ConfigureAwait(false)
            ?? throw new ChannelException(ReplyCode.NotFound, $"NOT_FOUND - no exchange '{exchange}' in vhost '{VirtualHost}'");
    }

    /// <inheritdoc />
    public async ValueTask<QueueDescription> DescribeQueueAsync(string queue, CancellationToken cancellationToken = default)
    {
        ShortText.Check(queue, QueueName);
        ManagementClient management = Managed(ExchangeFeature.QueueDescriptions);
        string name = _context.CurrentName(queue);
        ManagedQueue? found = await management.FindQueueAsync(name, cancellationToken).ConfigureAwait(false);
        // A passive declaration counts as a use, also where it is refused, and keeps a queue that expires unused alive.
        if (found is { Expires: true, Description.Declaration.Exclusive: true } && !_transient.HasQueue(name))
            throw Locked(name);
        if (found is { Expires: true })
            return found.Description;
        // Its answer is exact, while the management's figures are some seconds old; and where there is no queue it says so.
        QueueDeclareOk now = await _administration.RunAsync(
            channel => channel.QueueDeclarePassiveAsync(name), cancellationToken).ConfigureAwait(false);
        found ??= await management.FindQueueAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new ChannelException(ReplyCode.NotFound, $"NOT_FOUND - no queue '{name}' in vhost '{VirtualHost}'");
        return found.Description with { ReadyMessages = now.MessageCount, Consumers = (int)now.ConsumerCount };
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ExchangeDescription>> ListExchangesAsync(CancellationToken cancellationToken = default)
    {
        List<ExchangeDescription> exchanges = await Managed(ExchangeFeature.ExchangeDescriptions)
            .ListExchangesAsync(cancellationToken).ConfigureAwait(false);
        exchanges.Sort(static (one, other) => string.CompareOrdinal(one.Declaration.Name, other.Declaration.Name));
        return exchanges;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<QueueDescription>> ListQueuesAsync(CancellationToken cancellationToken = default)
    {
        List<QueueDescription> queues = await Managed(ExchangeFeature.QueueDescriptions)
            .ListQueuesAsync(cancellationToken).ConfigureAwait(false);
        queues.Sort(static (one, other) => string.CompareOrdinal(one.Declaration.Name, other.Declaration.Name));
        return queues;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Binding>> ListBindingsAsync(CancellationToken cancellationToken = default)
    {
        List<Binding> bindings = await Managed(ExchangeFeature.ExchangeDescriptions)
            .ListBindingsAsync(cancellationToken).ConfigureAwait(false);
        bindings.RemoveAll(static binding => binding.Source.Length == 0);
        return bindings;
    }

    /// <inheritdoc />
    public async ValueTask SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        await Managed(ExchangeFeature.Policies).SetPolicyAsync(policy, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DeletePolicyAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        await Managed(ExchangeFeature.Policies).DeletePolicyAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Policy>> ListPoliciesAsync(CancellationToken cancellationToken = default)
    {
        List<Policy> policies = await Managed(ExchangeFeature.Policies).ListPoliciesAsync(cancellationToken).ConfigureAwait(false);
        policies.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return policies;
    }

    private async Task DeclareInternalExchangeAsync(ExchangeDeclaration exchange, CancellationToken cancellationToken)
    {
        if (_management is null)
        {
            throw new NotSupportedException(
                $"{Capabilities.System} does not support internal exchanges over RabbitMQ.Client, which cannot declare them: " +
                "set RabbitMqOptions.ManagementUri to RabbitMQ's management API (rabbitmq_management).");
        }

        await _management.DeclareExchangeAsync(exchange, cancellationToken).ConfigureAwait(false);
    }

    private ChannelException Locked(string queue) => new(
        ReplyCode.ResourceLocked,
        $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '{VirtualHost}'. It could be originally " +
        "declared on another connection or the exclusive property value does not match that of the original declaration.");

    private ManagementClient Managed(ExchangeFeature feature)
    {
        ThrowIfDisposed();
        Capabilities.Demand(feature);
        return _management!;
    }
}
