using System.Text.RegularExpressions;
using MessagingModels.Broker.Embedded.Exchanges;

namespace MessagingModels.Broker.Tests.Routing;

/// <summary>
/// Changes of exchanges, queues, bindings, policies and virtual hosts crash at every step of the file system. After the next start what was
/// answered is there, and the change that was under way is there whole or not at all, but for those that only lead on to the end of it.
/// </summary>
public sealed class DefinitionCrashTests
{
    private static readonly QueueArguments s_workArguments = new() { MaxLength = 10, DeadLetterExchange = "audit" };

    [Theory]
    [InlineData(CrashKind.ProcessKill, 0.0, 0)]
    [InlineData(CrashKind.ProcessKill, 0.6, 1)]
    [InlineData(CrashKind.PowerFailure, 0.5, 2)]
    public async Task No_definition_that_was_answered_is_lost_and_none_is_half_there(CrashKind kind, double torn, int seed)
    {
        int crashes = await CrashRun.EverywhereAsync(kind, torn, seed, static _ => Task.CompletedTask, name => new Script(name).RunAsync);
        Assert.True(crashes > 60, $"The script has only {crashes} steps.");
    }

    [Theory]
    [InlineData(CrashKind.ProcessKill, 0.5, 4)]
    [InlineData(CrashKind.PowerFailure, 0.5, 5)]
    public async Task Definitions_survive_a_crash_while_their_snapshot_is_replaced(CrashKind kind, double torn, int seed)
    {
        int crashes = await CrashRun.EverywhereAsync(kind, torn, seed, ComeCloseToASnapshotAsync, name => new Script(name).RunAsync);
        Assert.True(crashes > 60, $"The script has only {crashes} steps.");
    }

    /// <summary>So many changes that the script makes the one that has the log of changes replaced by a snapshot.</summary>
    private static async Task ComeCloseToASnapshotAsync(ExchangeRoom room)
    {
        for (int i = 0; i < 496; i++)
        {
            await room.Broker.DeclareExchangeAsync("passing", ExchangeType.Fanout);
            await room.Broker.DeleteExchangeAsync("passing");
        }
    }

    /// <summary>A change, and what it makes of the definitions. Done again it changes nothing, but for a publish.</summary>
    private sealed record Change(Func<ExchangeRoom, Task> Do, Action<SortedSet<string>> Apply);

    private sealed class Script(string name)
    {
        private SortedSet<string> _before = ["vhost /"];
        private SortedSet<string>? _during;
        private int _starts;

        public async Task RunAsync(ExchangeRoom room)
        {
            SortedSet<string> found = await FindAsync(room);
            bool isKnown = found.SetEquals(_before) || (_during is not null && found.SetEquals(_during));
            Assert.True(isKnown, $"{name}, start {++_starts}: found [{string.Join("; ", found)}], expected [{string.Join("; ", _before)}]"
                + (_during is null ? "" : $" or [{string.Join("; ", _during)}]"));
            _before = found;
            foreach (Change change in s_changes)
            {
                _during = new SortedSet<string>(_before, StringComparer.Ordinal);
                change.Apply(_during);
                await change.Do(room);
                _before = _during;
                _during = null;
                Assert.Equal(_before, await FindAsync(room));
            }
        }

        private static async Task<SortedSet<string>> FindAsync(ExchangeRoom room)
        {
            SortedSet<string> found = new(StringComparer.Ordinal);
            foreach (string host in room.Hosts.List())
            {
                found.Add($"vhost {host}");
                await using EmbeddedExchangeBroker broker = new(room.Hosts.Get(host));
                string at = host == "/" ? "" : $" in {host}";
                foreach (ExchangeDescription exchange in await broker.ListExchangesAsync())
                {
                    if (exchange.Declaration.Name.Length > 0 && !exchange.Declaration.Name.StartsWith("amq.", StringComparison.Ordinal))
                        found.Add($"exchange {exchange.Declaration.Name} {exchange.Declaration.Type} {Text(exchange.Declaration.Arguments)}{at}");
                }

                foreach (QueueDescription queue in await broker.ListQueuesAsync())
                {
                    found.Add($"queue {queue.Declaration.Name} {Text(queue.Declaration.Arguments)}{at}{queue.Error}");
                    for (long i = 0; i < queue.ReadyMessages; i++) found.Add($"message {i} of {queue.Declaration.Name}");
                }

                foreach (Binding binding in await broker.ListBindingsAsync())
                    found.Add($"binding {binding.Source} {binding.Destination} {binding.RoutingKey}{at}");
                foreach (Policy policy in await broker.ListPoliciesAsync())
                    found.Add($"policy {policy.Name} {policy.Pattern} {policy.Priority} {Text(policy.Definition)}{at}");
            }

            return found;
        }

        private static string Text(IReadOnlyDictionary<string, object?> arguments)
            => string.Join(',', arguments.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"));
    }

    private static readonly Change[] s_changes =
    [
        new(r => r.Broker.DeclareExchangeAsync("orders", ExchangeType.Topic).AsTask(), d => d.Add("exchange orders topic ")),
        new(
            r => r.Broker.DeclareExchangeAsync(new ExchangeDeclaration("audit", ExchangeType.Fanout)
            {
                Arguments = new Dictionary<string, object?> { ["alternate-exchange"] = "orders" },
            }).AsTask(),
            d => d.Add("exchange audit fanout alternate-exchange=orders")),
        new(r => r.Broker.DeclareQueueAsync("work", s_workArguments).AsTask(), d => d.Add("queue work x-dead-letter-exchange=audit,x-max-length=10")),
        new(r => r.Broker.DeclareQueueAsync("log").AsTask(), d => d.Add("queue log ")),
        new(r => r.Broker.BindQueueAsync("work", "orders", "order.#").AsTask(), d => d.Add("binding orders work order.#")),
        new(r => r.Broker.BindQueueAsync("log", "audit").AsTask(), d => d.Add("binding audit log ")),
        new(r => r.Broker.BindExchangeAsync("audit", "orders", "#").AsTask(), d => d.Add("binding orders audit #")),
        new(r => PublishAsync(r, "log"), d => AddMessage(d, "log")),
        new(r => SetPolicyAsync(r, "^log", 1), d => SetPolicy(d, "^log", 1)),
        new(r => SetPolicyAsync(r, "^work", 2), d => SetPolicy(d, "^work", 2)),
        new(r => r.Broker.UnbindAsync(new Binding("orders", BindingTarget.Queue, "work", "order.#")).AsTask(), d => d.Remove("binding orders work order.#")),
        new(r => r.Broker.DeletePolicyAsync("limits").AsTask(), d => d.RemoveWhere(Is("policy "))),
        new(
            r => r.Broker.DeleteQueueAsync("log").AsTask(),
            d => d.RemoveWhere(x => Is("queue log ")(x) || Is("binding audit log ")(x) || x.EndsWith(" of log", StringComparison.Ordinal))),
        new(r => r.Broker.DeclareQueueAsync("log").AsTask(), d => d.Add("queue log ")),
        new(
            r => r.Broker.DeleteExchangeAsync("audit").AsTask(),
            d => d.RemoveWhere(x => Is("exchange audit ")(x) || Is("binding audit ")(x) || x == "binding orders audit #")),
        new(r => r.Hosts.CreateAsync("other", CancellationToken.None).AsTask(), d => d.Add("vhost other")),
        new(r => new EmbeddedExchangeBroker(r.Hosts.Get("other")).DeclareQueueAsync("inner").AsTask(), d => d.Add("queue inner  in other")),
        new(r => r.Hosts.DeleteAsync("other", CancellationToken.None).AsTask(), d => d.RemoveWhere(x => x.EndsWith("other", StringComparison.Ordinal))),
    ];

    private static Predicate<string> Is(string start) => text => text.StartsWith(start, StringComparison.Ordinal);

    private static async Task PublishAsync(ExchangeRoom room, string queue)
    {
        await using IExchangeChannel channel = await room.Broker.OpenChannelAsync();
        await channel.PublishAsync("", queue, "body", MessageProperties.PersistentOnly);
    }

    private static void AddMessage(SortedSet<string> definitions, string queue)
        => definitions.Add($"message {definitions.Count(d => d.EndsWith($" of {queue}", StringComparison.Ordinal))} of {queue}");

    private static Task SetPolicyAsync(ExchangeRoom room, string pattern, int priority) => room.Broker.SetPolicyAsync(
        new Policy("limits", new Regex(pattern), new Dictionary<string, object?> { ["max-length"] = 5L }) { Priority = priority }).AsTask();

    private static void SetPolicy(SortedSet<string> definitions, string pattern, int priority)
    {
        definitions.RemoveWhere(Is("policy "));
        definitions.Add($"policy limits {pattern} {priority} max-length=5");
    }
}
