using MessagingModels.Provisioning;

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>Starts real Kafka, or says why not: skipping the test where nobody named one, failing it where one was named and is of no use.</summary>
internal static class RealKafka
{
    /// <summary>The contract is what Kafka does since this version; an older one differs in errors and in transactions.</summary>
    private const int OldestMajorVersion = 4;

    /// <summary>The machine may be busy with other tests.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async Task<KafkaServer> StartAsync(ProvisioningOptions options)
    {
        KafkaServer server = await KafkaServer.StartAsync(options with { StartTimeout = s_patience });
        if (IsTooOld(server.Version))
        {
            await server.DisposeAsync();
            throw new BrokerUnavailableException(ReasonOf(server.Version)) { WasConfigured = false };
        }

        return server;
    }

    /// <summary>Skips the calling test where the reason is that nobody named a Kafka, or named an older one. Otherwise the exception stands.</summary>
    public static void SkipWhereNotNamed(BrokerUnavailableException error)
        => Assert.SkipUnless(error.WasConfigured, $"No Kafka to compare with: {error.Message}");

    /// <summary>Skips the calling test where a distribution is older than the contract.</summary>
    public static void SkipWhereTooOld(string version) => Assert.SkipWhen(IsTooOld(version), ReasonOf(version));

    private static bool IsTooOld(string version) => Version.TryParse(version, out Version? parsed) && parsed.Major < OldestMajorVersion;

    private static string ReasonOf(string version) => $"Kafka {version} is there; the contract is that of Kafka {OldestMajorVersion} and later.";
}
