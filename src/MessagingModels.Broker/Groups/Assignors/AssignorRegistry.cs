namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>The ways to deal out partitions that a broker's consumers may name: the built-in ones and the user's own. Immutable.</summary>
internal sealed class AssignorRegistry
{
    private readonly Dictionary<string, IGroupAssignor> _assignors = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two assignors have the same name.</exception>
    public AssignorRegistry(IEnumerable<IGroupAssignor> custom)
    {
        IGroupAssignor[] builtIn = [new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(), new CooperativeStickyAssignor()];
        foreach (IGroupAssignor assignor in builtIn.Concat(custom))
        {
            if (!_assignors.TryAdd(assignor.Name, assignor))
                throw new ArgumentException($"There are two group assignors named '{assignor.Name}'; give yours a name of its own.", nameof(custom));
        }
    }

    /// <exception cref="LogException"><see cref="LogErrorCode.InconsistentGroupProtocol"/>: no assignor of that name.</exception>
    public IGroupAssignor Get(string name) => _assignors.GetValueOrDefault(name) ?? throw new LogException(
        LogErrorCode.InconsistentGroupProtocol,
        $"There is no assignment strategy '{name}'; use one of {string.Join(", ", _assignors.Keys.Order(StringComparer.Ordinal))}, " +
        "or add yours to EmbeddedBrokerOptions.GroupAssignors.");

    /// <summary>True where a member may keep reading what it owns while the group rebalances (KIP-429).</summary>
    public static bool IsCooperative(IGroupAssignor assignor) => assignor is CooperativeStickyAssignor;
}
