using MessagingModels.Broker;
using MessagingModels.Contract.Tests.Providers;

[assembly: AssemblyFixture(typeof(NativeLog))]
[assembly: AssemblyFixture(typeof(NativeDiskLog))]

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>The embedded broker, with the settings that the real one is given too.</summary>
public abstract class EmbeddedLog(string? dataDirectory, int samples) : ILogProvider, IAsyncDisposable
{
    private readonly Lazy<Task<EmbeddedBroker>> _broker = new(() => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions
    {
        DataDirectory = dataDirectory,
        RetentionCheckInterval = TimeSpan.FromMilliseconds(200),
    }));

    public int Samples => samples;

    public async ValueTask<ILogBroker> GetLogAsync() => (await _broker.Value).Log;

    public async Task WriteLosingAnAnswerAsync(TopicPartition partition, bool idempotence, string[] values, int lost)
        => await new BatchClient(await _broker.Value, idempotence).WriteAsync(partition, values, lost);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
    }
}

/// <summary>All in memory.</summary>
public sealed class NativeLog() : EmbeddedLog(dataDirectory: null, samples: 25);

/// <summary>In a data directory, with what is the default there: an acknowledged record is in the page cache.</summary>
public sealed class NativeDiskLog : EmbeddedLog
{
    private readonly DirectoryInfo _directory;

    public NativeDiskLog()
        : this(Directory.CreateTempSubdirectory("mm-contract-"))
    {
    }

    private NativeDiskLog(DirectoryInfo directory)
        : base(directory.FullName, samples: 5)
        => _directory = directory;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
