using MessagingModels.Broker;
using MessagingModels.Fault.Child;
using MessagingModels.Storage;

// A broker under load that expects to be killed. Arguments: workload, data directory, durability, number of the round.
// It prints a line for each thing that the broker has acknowledged, and only then: what was printed must be there afterwards.
if (args is not [string workload, string directory, string durability, string round])
{
    await Console.Error.WriteLineAsync("usage: WORKLOAD DIRECTORY DURABILITY ROUND");
    return 2;
}

EmbeddedBrokerOptions options = new() { DataDirectory = directory, Durability = Enum.Parse<Durability>(durability) };
await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(options);
AcknowledgedLines lines = new(Console.OpenStandardOutput());
lines.Write("ready");

await (workload switch
{
    "log" => LogWorkload.RunAsync(broker, lines, round),
    "queue" => QueueWorkload.RunAsync(broker, lines, round),
    "transactions" => TransactionWorkload.RunAsync(broker, lines, round),
    _ => throw new ArgumentException($"There is no workload '{workload}'; use log, queue or transactions."),
});
return 0;
