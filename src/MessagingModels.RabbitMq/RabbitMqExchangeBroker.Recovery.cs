using MessagingModels.RabbitMq.Channels;
using MessagingModels.RabbitMq.Connections;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.RabbitMq;

/// <summary>What happens to the connection by itself.</summary>
public sealed partial class RabbitMqExchangeBroker
{
    /// <summary>Asks RabbitMQ for an answer on the connection.</summary>
    internal async ValueTask<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (!_connection.IsOpen)
        {
            string? reason = _connection.CloseReason is { } closed ? ClientErrors.FromReason(closed).Message : null;
            return HealthCheckResult.Unhealthy($"Not connected to RabbitMQ at {_settings.Address}: {reason ?? "the connection was closed"}");
        }

        try
        {
            await _administration.RunAsync(static channel => channel.ExchangeDeclarePassiveAsync("amq.direct"), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (MessagingException error)
        {
            return HealthCheckResult.Unhealthy($"RabbitMQ at {_settings.Address} cannot be used: {error.Message}", error);
        }

        return _blocked is { } why
            ? HealthCheckResult.Degraded($"RabbitMQ at {_settings.Address} blocks publishers: {why}")
            : HealthCheckResult.Healthy($"Connected to {Capabilities.System} at {_settings.Address}.");
    }

    private void WatchConnection()
    {
        _connection.ConnectionShutdownAsync += (_, reason) =>
        {
            _blocked = null;
            bool willRecover = _context.WillRecover(reason);
            if (willRecover || reason.Initiator is not RabbitMQ.Client.ShutdownInitiator.Application)
                RabbitMqLog.ConnectionLost(_logger, ClientErrors.FromReason(reason).Message, willRecover);
            return Task.CompletedTask;
        };
        _connection.ConnectionBlockedAsync += (_, blocked) =>
        {
            _blocked = blocked.Reason;
            RabbitMqLog.Blocked(_logger, blocked.Reason);
            return Task.CompletedTask;
        };
        _connection.ConnectionUnblockedAsync += (_, _) =>
        {
            _blocked = null;
            RabbitMqLog.Unblocked(_logger);
            return Task.CompletedTask;
        };
        if (!_options.AutomaticRecovery)
            return;
        _connection.QueueNameChangedAfterRecoveryAsync += (_, renamed) =>
        {
            _context.NoteRename(renamed.NameBefore, renamed.NameAfter);
            _transient.NoteQueue(renamed.NameBefore, isTransient: false);
            _transient.NoteQueue(renamed.NameAfter, isTransient: true);
            RabbitMqLog.QueueRenamed(_logger, renamed.NameBefore, renamed.NameAfter);
            return Task.CompletedTask;
        };
        _connection.ConnectionRecoveryErrorAsync += (_, failure) =>
        {
            Exception reason = ClientErrors.FromConnect(failure.Exception, _settings.Target);
            RabbitMqLog.RecoveryFailed(_logger, reason.Message, _options.RecoveryInterval);
            return Task.CompletedTask;
        };
        _connection.RecoverySucceededAsync += (_, _) => ResumeChannelsAsync();
    }

    /// <summary>After a recovery it may be another node.</summary>
    private void NoteServer() => _system.Server = new ServerAddress(_connection.Endpoint.HostName, _connection.Endpoint.Port);

    private async Task ResumeChannelsAsync()
    {
        RabbitMqChannel[] channels;
        lock (_lock)
            channels = [.. _channels];
        _context.NoteRecovered();
        NoteServer();
        RabbitMqLog.Recovered(_logger, channels.Length);
        _context.Types.NoteLoss();
        await Task.WhenAll(channels.Select(static channel => channel.ResumeAsync())).ConfigureAwait(false);
    }
}
