using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using MessagingModels.Broker;

namespace MessagingModels.Cli.Commands;

/// <summary><c>mm publish</c>: writes records to a topic, or publishes messages to an exchange or a queue.</summary>
internal static class PublishCommand
{
    private sealed record Target(string? Topic, string? Exchange, string? Queue, string Key, Dictionary<string, string> Headers);

    public static Command Create(Func<TextReader> input)
    {
        Option<string> data = DataDirectoryOption.Create();
        Option<string?> topic = new("--topic", "-t") { Description = "The topic to write to." };
        Option<string?> exchange = new("--exchange", "-e") { Description = "The exchange to publish to." };
        Option<string?> queue = new("--queue", "-q") { Description = "The queue to publish to, by the default exchange." };
        Option<string> key = new("--key", "-k") { Description = "The record's key, or the message's routing key.", DefaultValueFactory = _ => "" };
        Option<Dictionary<string, string>> headers = NameValue.Option("--header", "A header.");
        Argument<string[]> bodies = new("BODY") { Arity = ArgumentArity.ZeroOrMore, Description = "What to publish; none to publish each line of the standard input." };
        Command command = new("publish", "Publish to a topic, an exchange or a queue.") { bodies, data, topic, exchange, queue, key, headers };
        command.Validators.Add(result => RequireOne(result, topic, exchange, queue));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Target target = new(
                parsed.GetValue(topic), parsed.GetValue(exchange), parsed.GetValue(queue), parsed.GetRequiredValue(key), parsed.GetRequiredValue(headers));
            string[] given = parsed.GetValue(bodies) ?? [];
            IAsyncEnumerable<string> texts = given.Length > 0 ? given.ToAsyncEnumerable() : LinesOf(input());
            await using EmbeddedBroker broker = await DataDirectoryOption.OpenAsync(parsed.GetRequiredValue(data), cancellationToken);
            (long Published, long Returned) count = target.Topic is { } name
                ? (await ProduceAsync(broker.Log, name, target, texts, cancellationToken), 0)
                : await PublishAsync(broker.Exchanges, target, texts, cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Published {count.Published}."));
            if (count.Returned == 0)
                return 0;
            parsed.InvocationConfiguration.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"mm: {count.Returned} had no queue or topic to go to (routing key '{target.Queue ?? target.Key}')."));
            return 1;
        });
        return command;
    }

    /// <summary>Refuses a command line that names none of the options, or more than one.</summary>
    public static void RequireOne(CommandResult result, params Option[] options)
    {
        if (options.Count(option => result.GetResult(option) is { Implicit: false }) != 1)
            result.AddError($"Name one of {string.Join(", ", options.Select(option => option.Name))}.");
    }

    private static async Task<long> ProduceAsync(
        ILogBroker log, string topic, Target target, IAsyncEnumerable<string> texts, CancellationToken cancellationToken)
    {
        RecordHeaders headers = new();
        foreach ((string name, string value) in target.Headers)
            headers.Add(name, value);
        long count = 0;
        await using ILogProducer producer = log.CreateProducer();
        await foreach (string text in texts.WithCancellation(cancellationToken))
        {
            ProducerRecord record = new(topic, target.Key.Length == 0 ? null : target.Key, text) { Headers = headers };
            await producer.EnqueueAsync(record, cancellationToken: cancellationToken);
            count++;
        }

        await producer.FlushAsync(cancellationToken);
        return count;
    }

    private static async Task<(long Published, long Returned)> PublishAsync(
        IExchangeBroker exchanges, Target target, IAsyncEnumerable<string> texts, CancellationToken cancellationToken)
    {
        MessageProperties properties = new()
        {
            Persistent = true,
            Headers = target.Headers.ToDictionary(header => header.Key, header => (object?)NameValue.Typed(header.Value)),
        };
        string routingKey = target.Queue ?? target.Key;
        long count = 0;
        long returned = 0;
        ChannelOptions options = new() { OnReturned = _ => Interlocked.Increment(ref returned) };
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(options, cancellationToken);
        await foreach (string text in texts.WithCancellation(cancellationToken))
        {
            await channel.EnqueueAsync(
                target.Exchange ?? "", routingKey, Encoding.UTF8.GetBytes(text), properties, mandatory: true, cancellationToken);
            count++;
        }

        await channel.FlushAsync(cancellationToken);
        return (count - returned, returned);
    }

    private static async IAsyncEnumerable<string> LinesOf(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            yield return line;
    }
}
