namespace MessagingModels.Contract.Tests.Providers;

/// <summary>A broker of the log model that a contract runs on. One for the whole run; tests keep apart by the names of their topics and groups.</summary>
public interface ILogProvider
{
    /// <summary>The broker, started by the first test that asks. Where none can be had the calling test is skipped with the reason.</summary>
    ValueTask<ILogBroker> GetLogAsync();
}
