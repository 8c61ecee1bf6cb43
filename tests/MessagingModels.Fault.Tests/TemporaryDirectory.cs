namespace MessagingModels.Fault.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mm-fault-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
