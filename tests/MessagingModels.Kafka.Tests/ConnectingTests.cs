using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MessagingModels.Kafka.Tests;

public sealed class ConnectingTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Unreachable_address_fails_in_time_with_one_line_that_says_why()
    {
        Stopwatch watch = Stopwatch.StartNew();
        LogException failed = await Assert.ThrowsAsync<LogException>(
            () => KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = "127.0.0.1:1", ConnectTimeout = s_short }));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}.");
        Assert.Equal(LogErrorCode.NetworkException, failed.ErrorCode);
        Assert.StartsWith("Kafka at 127.0.0.1:1 did not answer within 0.5 s: ", failed.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed.Message);
    }

    [Fact]
    public async Task Server_that_never_answers_is_given_up()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        string address = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";

        LogException failed = await Assert.ThrowsAsync<LogException>(
            () => KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = address, ConnectTimeout = s_short }));

        Assert.Equal(LogErrorCode.RequestTimedOut, failed.ErrorCode);
        Assert.Contains(address, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_connecting_ends_at_once()
    {
        using CancellationTokenSource cancelled = new();
        Task<KafkaLogBroker> connecting = KafkaLogBroker.ConnectAsync(
            new KafkaOptions { BootstrapServers = "127.0.0.1:1", ConnectTimeout = TimeSpan.FromMinutes(2) }, null, cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
