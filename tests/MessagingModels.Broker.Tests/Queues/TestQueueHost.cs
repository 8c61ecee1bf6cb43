using MessagingModels.Broker.Queues;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Queues;

/// <summary>What queues need around them, with a clock that the test moves and the dead letters and endings it can look at.</summary>
internal sealed class TestQueueHost : IDeadLetterTarget, IQueueOwner, IAsyncDisposable
{
    private readonly List<Queue> _queues = [];
    private readonly DataDirectory _data;
    private readonly DataDirectory _transient = DataDirectory.InMemory();

    public TestQueueHost(IFileSystem? files = null, Durability durability = Durability.PageCache, TimeProvider? time = null, QueueLimits? limits = null)
    {
        FileSystem = files ?? new MemoryFileSystem();
        _data = DataDirectory.Open(FileSystem, "/data");
        Payloads = PayloadStore.Open(_data, "/data/payloads", durability, time ?? Time, NullLogger.Instance);
        Host = new QueueHost
        {
            VirtualHost = "/",
            Data = _data,
            Directory = "/data/queues",
            Transient = _transient,
            Durability = durability,
            Payloads = Payloads,
            DeadLetters = this,
            Owner = this,
            Time = time ?? Time,
            Logger = NullLogger.Instance,
            Limits = limits ?? new QueueLimits(),
        };
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public IFileSystem FileSystem { get; }

    public PayloadStore Payloads { get; }

    public QueueHost Host { get; }

    public List<(string Body, string Reason, int DeliveryCount)> DeadLetters { get; } = [];

    /// <summary>Set to have at-least-once dead letters refused.</summary>
    public bool RefusesDeadLetters { get; set; }

    public List<QueueEnd> Ends { get; } = [];

    public async Task<Queue> OpenAsync(
        string name = "q", QueueArguments? arguments = null, bool durable = true, bool autoDelete = false, Policy? policy = null)
    {
        QueueDeclaration declaration = new(name) { Durable = durable, AutoDelete = autoDelete, Arguments = arguments ?? [] };
        Queue queue = await Queue.OpenAsync(Host, declaration, QueueSettings.Create("/", declaration, policy), name);
        _queues.Add(queue);
        return queue;
    }

    public void DeadLetter(in Message message, string reason, Queue from, int deliveryCount, IPublishOrigin? origin, ulong sequence)
    {
        lock (DeadLetters)
            DeadLetters.Add((System.Text.Encoding.UTF8.GetString(message.Body.Span), reason, deliveryCount));
        if (RefusesDeadLetters)
            origin?.OnRefused(sequence, null);
        else
            origin?.OnStored(sequence);
    }

    public void OnQueueGone(Queue queue, QueueEnd reason)
    {
        lock (Ends)
            Ends.Add(reason);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Queue queue in _queues)
            await queue.CloseAsync();
        await Payloads.DisposeAsync();
        _data.Dispose();
        _transient.Dispose();
    }

    /// <summary>The process dies: nothing is closed; the files stay as they are.</summary>
    public void Abandon() => _data.Dispose();
}
