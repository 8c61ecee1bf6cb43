using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class Rpc() : Lesson(16, "rpc", "Request and reply: replies come straight back to the channel that asked.")
{
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareQueueAsync("square", cancellationToken: stopping);

        using CancellationTokenSource closing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task server = ServeAsync(broker.Exchanges, closing.Token);

        // The reply queue exists for this channel only; it costs the broker nothing to declare. It must be consumed first, without acknowledgement.
        await using IExchangeChannel client = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        await using IQueueConsumer replies = await client.ConsumeAsync(ReplyQueue, new QueueConsumerOptions { AutoAck = true }, stopping);

        int[] numbers = [3, 12, 7];
        for (int i = 0; i < numbers.Length; i++)
        {
            MessageProperties request = new() { ReplyTo = ReplyQueue, CorrelationId = $"request {i}" };
            await client.PublishAsync("", "square", numbers[i].ToString(CultureInfo.InvariantCulture), request, cancellationToken: stopping);
            output.WriteLine($"request {i}: {numbers[i]}?");
        }

        // Replies may come in any order; the correlation id says which request each belongs to.
        Dictionary<string, string> answers = [];
        await foreach (Delivery reply in replies.ReadAsync(stopping).Take(numbers.Length))
            answers[reply.Properties.CorrelationId!] = reply.Text;
        foreach ((string request, string answer) in answers.OrderBy(answer => answer.Key, StringComparer.Ordinal))
            output.WriteLine($"reply to {request}: {answer}");

        await closing.CancelAsync();
        await server;
    }

    private static async Task ServeAsync(IExchangeBroker exchanges, CancellationToken stopping)
    {
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(cancellationToken: CancellationToken.None);
        await using IQueueConsumer requests = await channel.ConsumeAsync("square", cancellationToken: CancellationToken.None);
        try
        {
            await foreach (Delivery request in requests.ReadAsync(stopping))
            {
                int number = int.Parse(request.Text, CultureInfo.InvariantCulture);
                await channel.PublishAsync(
                    "", request.Properties.ReplyTo!, (number * number).ToString(CultureInfo.InvariantCulture),
                    new MessageProperties { CorrelationId = request.Properties.CorrelationId }, cancellationToken: CancellationToken.None);
                await request.AckAsync(cancellationToken: CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The client is done.
        }
    }
}
