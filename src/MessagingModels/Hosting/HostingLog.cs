using Microsoft.Extensions.Logging;

namespace MessagingModels.Hosting;

/// <summary>What hosting logs.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "The messaging provider '{Provider}' is ready after {ElapsedMs} ms.")]
    public static partial void ProviderStarted(ILogger logger, string provider, long elapsedMs);

    [LoggerMessage(2, LogLevel.Error, "The messaging provider '{Provider}' could not be started.")]
    public static partial void ProviderFailed(ILogger logger, Exception exception, string provider);

    [LoggerMessage(3, LogLevel.Information, "The messaging provider '{Provider}' has stopped.")]
    public static partial void ProviderStopped(ILogger logger, string provider);
}
