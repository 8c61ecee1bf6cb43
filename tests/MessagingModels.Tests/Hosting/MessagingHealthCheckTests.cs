using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MessagingModels.Tests.Hosting;

public sealed class MessagingHealthCheckTests
{
    [Fact]
    public async Task Before_the_start_the_check_is_unhealthy()
    {
        using IHost host = BuildHost();

        HealthReportEntry entry = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("not started yet", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_providers_that_are_well_make_the_check_healthy()
    {
        using IHost host = BuildHost();
        await host.StartAsync();

        HealthReportEntry entry = await CheckAsync(host);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("Running: stub, other.", entry.Description);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_worst_provider_decides_and_its_reason_is_shown()
    {
        using IHost host = BuildHost();
        await host.StartAsync();
        host.Services.GetRequiredService<StubProvider>().Health = HealthCheckResult.Degraded("orders-0 is slow");
        host.Services.GetRequiredService<OtherStubProvider>().Health = HealthCheckResult.Unhealthy("orders-1 is corrupt");

        HealthReportEntry entry = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("orders-1 is corrupt", entry.Description);
        await host.StopAsync();
    }

    private static IHost BuildHost()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(b => b
            .UseProvider<StubProvider>(MessagingModel.Log)
            .UseProvider<OtherStubProvider>(MessagingModel.Exchange));
        builder.Services.AddLogging();
        builder.Services.AddHealthChecks().AddMessagingModels();
        return builder.Build();
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host)
    {
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["messaging"];
    }
}
