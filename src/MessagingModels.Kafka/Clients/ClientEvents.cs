using Microsoft.Extensions.Logging;

namespace MessagingModels.Kafka.Clients;

/// <summary>Takes a client's log lines and errors. Called on threads of the library.</summary>
/// <param name="logger">Where they are logged.</param>
/// <param name="client">The client's name in the log.</param>
internal sealed class ClientEvents(ILogger logger, string client)
{
    private volatile Client.Error? _fatal;
    private volatile Client.Error? _last;

    /// <summary>The error after which the client does nothing any more, or null.</summary>
    public Client.Error? Fatal => _fatal;

    /// <summary>The error of a connection or request that was reported last, or null.</summary>
    public Client.Error? Last => _last;

    /// <summary>Called with every error, after it was noted.</summary>
    public Action<Client.Error>? Reported { get; init; }

    public void OnError(Client.Error error)
    {
        // That all brokers are down follows from what was reported of each, and says less.
        if (error.Code != Client.ErrorCode.Local_AllBrokersDown)
            _last = error;
        if (error.IsFatal)
        {
            _fatal ??= error;
            KafkaLog.FatalError(logger, client, error.Reason, error.Code);
        }
        else
        {
            KafkaLog.ClientError(logger, client, error.Reason, error.Code);
        }

        Reported?.Invoke(error);
    }

    public void OnLog(Client.LogMessage line)
    {
        // Failed connections come as errors too; once is enough.
        if (line.Facility is "FAIL" or "ERROR" or "FATAL")
            return;
        LogLevel level = line.Level switch
        {
            // Settings go to every client, whether they mean anything to it or not.
            _ when line.Facility == "CONFWARN" => LogLevel.Debug,
            <= Client.SyslogLevel.Critical => LogLevel.Critical,
            Client.SyslogLevel.Error => LogLevel.Error,
            Client.SyslogLevel.Warning => LogLevel.Warning,
            Client.SyslogLevel.Notice or Client.SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        KafkaLog.LibraryLine(logger, level, client, line.Facility, line.Message);
    }
}
