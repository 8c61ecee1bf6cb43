namespace MessagingModels.Provisioning.Containers;

/// <summary>The images that containers are made of, pinned to the versions that the adapters are tested against. <c>compose/</c> names the same.</summary>
internal static class ContainerImages
{
    public const string Kafka = "apache/kafka:4.3.1";
    public const string RabbitMq = "rabbitmq:4.3.6-management";

    /// <summary>The version within a tag.</summary>
    public static string VersionOf(string image) => image[(image.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('-')[0];
}
