using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>Where a queue's files are: in a directory of its own, one for the log of messages and one for the log of acknowledgements.</summary>
/// <param name="Data">That of durable queues, or that in memory.</param>
/// <param name="Directory">The queue's directory.</param>
/// <param name="IsDurable">Whether it is to be found again after a restart.</param>
internal sealed record QueueFiles(DataDirectory Data, string Directory, bool IsDurable)
{
    public string Messages => Path.Combine(Directory, "messages-0");

    public string Acknowledgements => Path.Combine(Directory, "acks-0");

    public static QueueFiles Of(QueueHost host, QueueDeclaration declaration, string directoryName) =>
        new(declaration.Durable ? host.Data : host.Transient, Path.Combine(host.Directory, directoryName), declaration.Durable);

    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    public void Delete() => Data.FileSystem.DeleteDirectory(Directory);
}
