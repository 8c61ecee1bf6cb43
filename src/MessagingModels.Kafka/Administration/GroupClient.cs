using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Administration;

/// <summary>
/// A client for one question to the coordinator of a group: a consumer of the group that never joins it, with a client for administration on its
/// connections. It is what keeps clear of three faults of librdkafka 2.16:
/// <list type="bullet">
/// <item>a client without a group that asks for committed offsets ends the process when the coordinator has moved (5040);</item>
/// <item>a question that ran into its time-out before any coordinator could be reached ends the process as soon as one can be (4605, 5397). Here the
/// library's time-out is the longest it takes; the caller's ends the client, and the question with it;</item>
/// <item>a coordinator that was found once is asked for minutes, though another one has taken over. A new client looks for itself.</item>
/// </list>
/// </summary>
internal sealed class GroupClient : IDisposable
{
    /// <summary>The longest time-out that the library takes.</summary>
    public static readonly TimeSpan LibraryTimeout = TimeSpan.FromHours(1);

    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    /// <exception cref="ArgumentException">The client does not know a setting, or its value is not legal.</exception>
    public GroupClient(KafkaOptions options, string groupId, ClientEvents events)
    {
        _consumer = ClusterAdmin.BuildWith(new ConsumerBuilder<byte[]?, byte[]?>(ClientSettings.ForGroup(options, groupId))
            .SetErrorHandler((_, error) => events.OnError(error))
            .SetLogHandler((_, line) => events.OnLog(line))
            .Build);
        Admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
    }

    /// <summary>Sends the question; its own time-out is to be <see cref="LibraryTimeout"/>.</summary>
    public IAdminClient Admin { get; }

    /// <summary>Ends the connections, and a question that is still open. Blocks for up to a tenth of a second.</summary>
    public void Dispose()
    {
        Admin.Dispose();
        _consumer.Dispose();
    }
}
