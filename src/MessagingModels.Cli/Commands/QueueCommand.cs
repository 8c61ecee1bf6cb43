using System.CommandLine;
using System.Globalization;
using MessagingModels.Broker;
using MessagingModels.Cli.Output;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm queue</c>: declares, binds, lists, purges and deletes the queues of a data directory.</summary>
internal static class QueueCommand
{
    public static Command Create() => new("queue", "Declare, bind, list, purge and delete queues.")
    {
        CreateDeclare(),
        CreateBind(),
        CreateList(),
        CreatePurge(),
        CreateDelete(),
    };

    private static Command CreateDeclare()
    {
        Argument<string> name = new("QUEUE");
        Option<string> data = DataDirectoryOption.Create();
        Option<Dictionary<string, string>> arguments = NameValue.Option("--argument", "An argument, for example x-max-length=1000.");
        Command command = new("declare", "Declare a durable queue.") { name, data, arguments };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenOrCreateAsync(parsed.GetRequiredValue(data), cancellationToken);
            QueueDeclared queue = await broker.Exchanges.DeclareQueueAsync(
                new QueueDeclaration(parsed.GetRequiredValue(name))
                {
                    Arguments = parsed.GetRequiredValue(arguments).ToDictionary(pair => pair.Key, pair => (object?)NameValue.Typed(pair.Value)),
                },
                cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Declared the queue {queue.Name}; it holds {Messages(queue.Messages)}.");
        });
        return command;
    }

    private static Command CreateBind()
    {
        Argument<string> queue = new("QUEUE");
        Argument<string> exchange = new("EXCHANGE") { Description = "An exchange that exists; amq.direct, amq.fanout, amq.topic and amq.headers always do." };
        Option<string> data = DataDirectoryOption.Create();
        Option<string> key = new("--key", "-k") { Description = "The binding key or pattern.", DefaultValueFactory = _ => "" };
        Command command = new("bind", "Bind a queue to an exchange.") { queue, exchange, data, key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            await broker.Exchanges.BindQueueAsync(
                parsed.GetRequiredValue(queue), parsed.GetRequiredValue(exchange), parsed.GetRequiredValue(key), cancellationToken: cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"Bound {parsed.GetRequiredValue(queue)} to {parsed.GetRequiredValue(exchange)} with '{parsed.GetRequiredValue(key)}'.");
        });
        return command;
    }

    private static Command CreateList()
    {
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("list", "List the queues.") { data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            IReadOnlyList<QueueDescription> queues = await broker.Exchanges.ListQueuesAsync(cancellationToken);
            TextTable.Write(
                parsed.InvocationConfiguration.Output,
                ["QUEUE", "MESSAGES", "BYTES", "ARGUMENTS", "STATE"],
                [.. queues.Select(Row)]);
        });
        return command;
    }

    private static Command CreatePurge()
    {
        Argument<string> name = new("QUEUE");
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("purge", "Delete the messages of a queue.") { name, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            long purged = await broker.Exchanges.PurgeQueueAsync(parsed.GetRequiredValue(name), cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Deleted {Messages(purged)} of the queue {parsed.GetRequiredValue(name)}.");
        });
        return command;
    }

    private static Command CreateDelete()
    {
        Argument<string> name = new("QUEUE");
        Option<string> data = DataDirectoryOption.Create();
        Command command = new("delete", "Delete a queue with its messages.") { name, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            // Deleting a queue that is not there is no error in AMQP; here it is most likely a misspelt name.
            await broker.Exchanges.DescribeQueueAsync(parsed.GetRequiredValue(name), cancellationToken);
            long deleted = await broker.Exchanges.DeleteQueueAsync(parsed.GetRequiredValue(name), cancellationToken: cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Deleted the queue {parsed.GetRequiredValue(name)} with {Messages(deleted)}.");
        });
        return command;
    }

    private static string[] Row(QueueDescription queue) =>
    [
        queue.Declaration.Name,
        queue.ReadyMessages.ToString(CultureInfo.InvariantCulture),
        queue.ReadyBytes.ToString(CultureInfo.InvariantCulture),
        string.Join(' ', queue.Declaration.Arguments.Select(argument => string.Create(CultureInfo.InvariantCulture, $"{argument.Key}={argument.Value}"))),
        queue.Error ?? "ok",
    ];

    private static string Messages(long count) => count == 1 ? "1 message" : string.Create(CultureInfo.InvariantCulture, $"{count} messages");
}
