namespace MessagingModels.Provisioning.Tests;

/// <summary>The distributions on this machine; a test that needs one that is not there is skipped and says so.</summary>
internal static class Homes
{
    /// <summary>Options for local processes of Kafka.</summary>
    public static ProvisioningOptions Kafka => For("KAFKA_HOME");

    /// <summary>Options for local processes of RabbitMQ.</summary>
    public static ProvisioningOptions RabbitMq => For("RABBITMQ_HOME");

    /// <summary>The machine may be busy with other tests.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);

    private static ProvisioningOptions For(string variable)
    {
        string? home = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(home), $"{variable} is not set");
        return new ProvisioningOptions { Home = home, UseContainers = false, StartTimeout = Patience };
    }
}
