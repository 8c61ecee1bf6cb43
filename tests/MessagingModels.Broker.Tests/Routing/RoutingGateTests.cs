using MessagingModels.Broker.Routing;

namespace MessagingModels.Broker.Tests.Routing;

public class RoutingGateTests
{
    [Fact]
    public async Task Changes_run_alone_and_routes_run_side_by_side()
    {
        RoutingGate gate = new();
        int routing = 0, changing = 0, most = 0;
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(300));
        Task[] tasks = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(Route)), Task.Run(Change), Task.Run(Change)];
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(most > 0);

        void Route()
        {
            while (!stop.IsCancellationRequested)
            {
                int slot = gate.EnterRoute();
                int now = Interlocked.Increment(ref routing);
                Assert.Equal(0, Volatile.Read(ref changing));
                most = Math.Max(most, now);
                Interlocked.Decrement(ref routing);
                gate.ExitRoute(slot);
            }
        }

        void Change()
        {
            while (!stop.IsCancellationRequested)
            {
                using RoutingGate.Change change = gate.BeginChange();
                Assert.Equal(1, Interlocked.Increment(ref changing));
                Assert.Equal(0, Volatile.Read(ref routing));
                Interlocked.Decrement(ref changing);
            }
        }
    }
}
