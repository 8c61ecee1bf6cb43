using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>A fresh directory for one benchmark: below <c>MM_BENCHMARK_DIRECTORY</c>, or below the system's temporary directory.</summary>
internal sealed class BenchmarkDirectory : IDisposable
{
    public BenchmarkDirectory()
    {
        string root = Environment.GetEnvironmentVariable("MM_BENCHMARK_DIRECTORY") ?? System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(root, "mm-benchmark-" + Guid.NewGuid().ToString("N"))).FullName;
    }

    public string Path { get; }

    /// <summary>Starts a broker in the directory, or in memory.</summary>
    public Task<EmbeddedBroker> StartBrokerAsync(Durability durability) => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions
    {
        DataDirectory = durability == Durability.Memory ? null : System.IO.Path.Combine(Path, "data"),
        Durability = durability,
    });

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
