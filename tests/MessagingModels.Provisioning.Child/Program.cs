using MessagingModels.Provisioning;

// The owner of a broker, with an environment of its own and to be killed. Arguments: system, work directory, seconds a start may take.
// It prints "started DIRECTORY" and holds the broker until its input ends, or prints "unavailable REASON" and ends.
if (args is not [string system, string workDirectory, string seconds, .. string[] rest])
{
    await Console.Error.WriteLineAsync("usage: kafka|rabbitmq DIRECTORY SECONDS [containers]");
    return 2;
}

ProvisioningOptions options = new()
{
    UseContainers = rest.Contains("containers"),
    WorkDirectory = workDirectory,
    StartTimeout = TimeSpan.FromSeconds(int.Parse(seconds, null)),
};
try
{
    await using ProvisionedBroker broker = system == "kafka" ? await KafkaServer.StartAsync(options) : await RabbitMqServer.StartAsync(options);
    Console.WriteLine($"started {Path.GetDirectoryName(broker.LogDirectory)}");
    await Console.In.ReadToEndAsync();
    return 0;
}
catch (BrokerUnavailableException error)
{
    Console.WriteLine($"unavailable {error.Message}");
    return 1;
}
