namespace MessagingModels.Storage.Tests.Files;

/// <summary>Thrown by every operation from the one on at which a <see cref="FaultyFileSystem"/> was told to crash.</summary>
internal sealed class SimulatedCrashException : IOException
{
    public SimulatedCrashException() : base("The process has crashed.") { }
}
