namespace MessagingModels.Contract.Tests.Providers;

/// <summary>A broker of the log model that a contract runs on. One for the whole run; tests keep apart by the names of their topics and groups.</summary>
public interface ILogProvider
{
    /// <summary>How many generated cases a test may spend: many where they cost little.</summary>
    int Samples { get; }

    /// <summary>
    /// The broker, started by the first test that asks. Where nothing says that there should be one, the calling test is skipped with the reason;
    /// where one was named and cannot be had, it fails.
    /// </summary>
    ValueTask<ILogBroker> GetLogAsync();

    /// <summary>
    /// Writes values to a partition, one after the other, as a client of which one answer is lost: it cannot know that the broker has stored
    /// the batch, and sends the very same one again.
    /// </summary>
    /// <param name="partition">Empty beforehand.</param>
    /// <param name="idempotence">Whether the client numbers its batches.</param>
    /// <param name="values">The values.</param>
    /// <param name="lost">The index of the value whose answer is lost.</param>
    Task WriteLosingAnAnswerAsync(TopicPartition partition, bool idempotence, string[] values, int lost);
}
