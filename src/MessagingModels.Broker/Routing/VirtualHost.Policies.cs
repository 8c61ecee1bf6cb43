using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing;

internal sealed partial class VirtualHost
{
    /// <summary>Sets a policy, replacing one of the same name, and applies it to what there is.</summary>
    /// <exception cref="ChannelException">A key or value of its definition is not legal.</exception>
    public ValueTask SetPolicyAsync(Policy policy, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            PolicyTable.Validate(policy);
            await _definitions.AppendAsync(new StoredDefinition { Policy = StoredPolicy.Of(policy) });
            _policies.Set(policy);
            await ApplyPoliciesAsync();
        },
        cancellationToken);

    /// <summary>Deletes a policy; none of that name is no error.</summary>
    public ValueTask DeletePolicyAsync(string name, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            if (_policies.Policies.FirstOrDefault(policy => policy.Name == name) is not { } policy)
                return;
            await _definitions.AppendAsync(new StoredDefinition { Policy = StoredPolicy.Of(policy), Removed = true });
            _policies.Remove(name);
            await ApplyPoliciesAsync();
        },
        cancellationToken);

    public async ValueTask<IReadOnlyList<Policy>> ListPoliciesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Policy> policies = [];
        await RunAsync(
            () =>
            {
                policies = _policies.Policies;
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        return policies;
    }

    private async ValueTask ApplyPoliciesAsync()
    {
        foreach (Exchange exchange in _exchanges.Values)
            ApplyPolicy(exchange);
        foreach (QueueDestination queue in _destinations.Values.OfType<QueueDestination>())
        {
            Policy? policy = _policies.ForQueue(queue.Name);
            if (ReferenceEquals(policy, queue.Policy))
                continue;
            queue.Policy = policy;
            await queue.Queue.ApplySettingsAsync(QueueSettings.Create(Name, queue.Declaration, policy));
        }
    }

    /// <summary>An exchange's own alternate exchange wins over that of its policy.</summary>
    private void ApplyPolicy(Exchange exchange)
    {
        exchange.Policy = _policies.ForExchange(exchange.Name);
        exchange.Alternate = exchange.OwnAlternate ?? exchange.Policy?.Definition.GetValueOrDefault("alternate-exchange") as string;
    }
}
