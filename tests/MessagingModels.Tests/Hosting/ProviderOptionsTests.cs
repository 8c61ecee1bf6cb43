using MessagingModels.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessagingModels.Tests.Hosting;

/// <summary>What the options of every provider have in common.</summary>
public sealed class ProviderOptionsTests
{
    [Fact]
    public void They_come_from_the_section_and_then_from_code()
    {
        using IHost host = Build(("Stub:Address", "one"), ("Stub:Limit", "7"), options => options.Limit++);
        StubOptions options = host.Services.GetRequiredService<IOptions<StubOptions>>().Value;
        Assert.Equal(("one", 8), (options.Address, options.Limit));
    }

    [Fact]
    public async Task An_unknown_setting_fails_the_start_by_its_name()
    {
        using IHost host = Build(("Stub:Adress", "one"), ("Stub:Limit", "7"), null);
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("Adress", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_illegal_one_fails_the_start_with_its_sentence_before_the_provider_starts()
    {
        using IHost host = Build(("Stub:Address", "one"), ("Stub:Limit", "-1"), null);
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(["Limit (-1) is negative."], error.Failures);
        Assert.Empty(host.Services.GetRequiredService<StubProvider>().Events);
    }

    [Fact]
    public void Options_of_any_name_are_validated()
    {
        using IHost host = Build(("Stub:Address", "one"), ("Stub:Limit", "1"), null, services => services.Configure<StubOptions>("other", options => options.Limit = -2));
        IOptionsMonitor<StubOptions> monitor = host.Services.GetRequiredService<IOptionsMonitor<StubOptions>>();
        Assert.Equal(1, monitor.CurrentValue.Limit);
        Assert.Throws<OptionsValidationException>(() => monitor.Get("other"));
    }

    private static IHost Build(
        (string Key, string Value) one, (string Key, string Value) other, Action<StubOptions>? configure, Action<IServiceCollection>? more = null)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [one.Key] = one.Value, [other.Key] = other.Value }).Build();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingModels(
            configuration, models => models.UseProvider<StubProvider, StubOptions>(MessagingModel.Both, "Stub", configure, options => options.Validate()));
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class StubOptions
    {
        public string Address { get; set; } = "";

        public int Limit { get; set; }

        public IReadOnlyList<string> Validate() => Limit < 0 ? [$"Limit ({Limit}) is negative."] : [];
    }
}
