using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Tests;

/// <summary>How several nodes are brought up, with processes that are no brokers.</summary>
public sealed class LocalStartTests : IDisposable
{
    private readonly WorkDirectory _work = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);
    private int _prepared;

    public LocalStartTests() => _taken.Start();

    public void Dispose()
    {
        _taken.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task A_port_that_was_taken_in_between_is_answered_with_other_ports()
    {
        (ProcessGroup group, IReadOnlyList<BrokerNode> nodes, _) = await RunAsync(group => [Plan(1, _prepared++ == 0 ? TakenPort : group.TakePorts(1)[0])]);
        await using (group)
        {
            Assert.Equal(2, _prepared);
            Assert.True(Assert.Single(nodes).IsRunning);
        }

        Assert.Empty(_work.LeftOver());
    }

    [Fact]
    public async Task A_port_that_is_always_taken_is_named_after_three_attempts()
    {
        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RunAsync(group =>
        {
            _prepared++;
            return [Plan(1, TakenPort)];
        }));

        Assert.Equal(3, _prepared);
        Assert.Contains($"port {TakenPort} of 127.0.0.1 is in use", error.Message, StringComparison.Ordinal);
        Assert.Empty(_work.LeftOver());
    }

    [Fact]
    public async Task The_first_node_that_fails_ends_the_start_of_all()
    {
        Stopwatch watch = Stopwatch.StartNew();

        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RunAsync(group =>
        [
            Plan(1, group.TakePorts(1)[0]),
            Plan(2, group.TakePorts(1)[0], "echo 'ERROR no quorum today'; exit 5"),
            Plan(3, group.TakePorts(1)[0], "exec sleep 600"),
        ]));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}.");
        Assert.Contains("Test node 2 ended with code 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("ERROR no quorum today", error.Message, StringComparison.Ordinal);
        Assert.Empty(_work.LeftOver());
    }

    [Fact]
    public async Task What_is_prepared_does_not_count_as_start_time()
    {
        TimeSpan preparation = TimeSpan.FromSeconds(1);
        Stopwatch whole = Stopwatch.StartNew();
        (ProcessGroup group, _, TimeSpan time) = await RunAsync(group =>
        {
            Thread.Sleep(preparation);
            return [Plan(1, group.TakePorts(1)[0], "sleep 0.3; echo ready; exec sleep 600")];
        });
        whole.Stop();

        await using (group)
            Assert.InRange(time, TimeSpan.FromSeconds(0.3), whole.Elapsed - preparation);
    }

    [Fact]
    public async Task Logs_that_cannot_be_kept_are_no_reason_to_leave_processes_behind()
    {
        ProcessGroup? used = null;

        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RunAsync(group =>
        {
            used = group;
            File.WriteAllText(group.Directory + "-logs", "no directory");
            return [Plan(1, group.TakePorts(1)[0]), Plan(2, group.TakePorts(1)[0], "exit 5")];
        }));

        Assert.Contains("Test node 2 ended with code 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("Its logs are not kept: ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(used!.Directory));
        Assert.False(used.IsRunning("node1"));
        File.Delete(used.Directory + "-logs");
    }

    private int TakenPort => ((IPEndPoint)_taken.LocalEndpoint).Port;

    private Task<(ProcessGroup Group, IReadOnlyList<BrokerNode> Nodes, TimeSpan StartTime)> RunAsync(Func<ProcessGroup, IReadOnlyList<NodePlan>> prepare)
    {
        ProvisioningOptions options = new() { WorkDirectory = _work.Path };
        return LocalStart.RunAsync("test", options, (group, _) => Task.FromResult(prepare(group)), TestContext.Current.CancellationToken);
    }

    private static NodePlan Plan(int id, int port, string script = "echo ready; exec sleep 600")
        => new("Test", id, $"127.0.0.1:{port}", new ShellCommand("/bin/sh", ["-c", script]))
        {
            NameInCluster = $"{id}",
            Ports = [port],
            ReadyText = "ready",
            ProbeAsync = _ => Task.CompletedTask,
            StartTimeout = Homes.Patience,
        };
}
