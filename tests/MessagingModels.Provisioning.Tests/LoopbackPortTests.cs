using System.Net;
using System.Net.Sockets;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Tests;

public sealed class LoopbackPortTests
{
    [Fact]
    public void Ports_are_free_distinct_and_above_those_of_outgoing_connections()
    {
        int[] ports = [.. LoopbackPorts.Take(20), .. LoopbackPorts.Take(20)];

        Assert.Equal(40, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 61000, 65500));
        Assert.All(ports, port => Assert.True(LoopbackPorts.IsFree(port)));
        LoopbackPorts.Return(ports);
    }

    [Fact]
    public void A_port_somebody_listens_on_is_not_free()
    {
        int port = LoopbackPorts.Take(1)[0];
        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();

        Assert.False(LoopbackPorts.IsFree(port));
        LoopbackPorts.Return([port]);
    }

    [Fact]
    public async Task A_port_is_listened_to_from_the_moment_that_connections_are_accepted()
    {
        int port = LoopbackPorts.Take(1)[0];
        Assert.False(await LoopbackPorts.IsListenedToAsync(port, TestContext.Current.CancellationToken));
        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();

        Assert.True(await LoopbackPorts.IsListenedToAsync(port, TestContext.Current.CancellationToken));
        LoopbackPorts.Return([port]);
    }

    [Fact]
    public void More_ports_than_there_are_cannot_be_had()
    {
        BrokerUnavailableException error = Assert.Throws<BrokerUnavailableException>(() => LoopbackPorts.Take(5000));

        Assert.Contains("5000", error.Message, StringComparison.Ordinal);
    }
}
