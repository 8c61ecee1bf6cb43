using MessagingModels.Broker.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.Broker.Tests.Hosting;

public sealed class EmbeddedHealthTests
{
    [Fact]
    public void Nothing_wrong_is_healthy()
        => Assert.Equal(HealthStatus.Healthy, EmbeddedHealth.Summarize(new Dictionary<string, object>()).Status);

    [Fact]
    public void The_first_reason_is_told_and_all_are_data()
    {
        HealthCheckResult result = EmbeddedHealth.Summarize(new SortedDictionary<string, object>
        {
            ["queue audit"] = "bad CRC at byte 120.",
            ["partition orders-1"] = "bad CRC at byte 61.",
        });

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal("The partition orders-1 cannot be used: bad CRC at byte 61. 1 more cannot be used either.", result.Description);
        Assert.Equal("bad CRC at byte 120.", result.Data["queue audit"]);
    }
}
