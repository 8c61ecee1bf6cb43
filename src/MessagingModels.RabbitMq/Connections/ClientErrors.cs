using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>RabbitMQ.Client's errors as the API's. AMQP's code and text stay: the text begins with the code's name, as in <c>NOT_FOUND - no queue</c>.</summary>
internal static class ClientErrors
{
    /// <summary>Why a channel or connection was shut down.</summary>
    public static MessagingException FromReason(ShutdownEventArgs reason, Exception? cause = null)
    {
        if (IsChannelError(reason))
            return new ChannelException((ReplyCode)reason.ReplyCode, reason.ReplyText, cause);
        if (reason.Initiator is ShutdownInitiator.Peer)
            return new ConnectionException(CodeOf(reason), reason.ReplyText, cause);
        return new ConnectionException(
            ReplyCode.ConnectionForced, $"The connection to RabbitMQ was lost: {reason.Exception?.Message ?? reason.ReplyText}", cause ?? reason.Exception);
    }

    /// <summary>True where the error closed one channel only (AMQP 0-9-1, section 1.2: the soft errors).</summary>
    public static bool IsChannelError(ShutdownEventArgs reason)
        => reason.Initiator is ShutdownInitiator.Peer && reason.ReplyCode is 311 or 312 or 313 or 403 or 404 or 405 or 406 && reason.ClassId != 10;

    /// <summary>Any error of the client.</summary>
    /// <returns>The error to throw; the same one where it is the API's or the caller's own.</returns>
    public static Exception Map(Exception error) => error switch
    {
        MessagingException or ArgumentException or ObjectDisposedException or NotSupportedException => error,
        OperationInterruptedException { ShutdownReason: { } reason } => FromReason(reason, error),
        ChannelAllocationException => new ChannelException(
            ReplyCode.ResourceError, "RESOURCE_ERROR - the connection has no channel left; dispose channels that are not needed.", error),
        WireFormattingException => new ArgumentException(error.Message, error),
        ProtocolException protocol => new ConnectionException((ReplyCode)protocol.ReplyCode, protocol.Message, error),
        OperationCanceledException or TimeoutException => new ConnectionException(
            ReplyCode.ConnectionForced, "RabbitMQ did not answer in time; see RabbitMqOptions.OperationTimeout.", error),
        RabbitMQClientException or IOException or SocketException or System.Threading.Channels.ChannelClosedException => new ConnectionException(
            ReplyCode.ConnectionForced, $"The connection to RabbitMQ was lost: {error.Message}", error),
        _ => error,
    };

    /// <summary>An exception of its own for each throw, so that stack traces do not run together.</summary>
    public static Exception Copy(Exception error) => error switch
    {
        ChannelException channel => new ChannelException(channel.ReplyCode, channel.Message, channel),
        ConnectionException connection => new ConnectionException(connection.ReplyCode, connection.Message, connection),
        ConsumerCancelledException cancelled => new ConsumerCancelledException(cancelled.Message),
        PublishNackedException nacked => new PublishNackedException(nacked.Message, nacked),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        _ => error,
    };

    /// <summary>Why no connection could be made, in one line without the password.</summary>
    public static Exception FromConnect(Exception error, ConnectTarget target)
    {
        (string address, string user, string virtualHost) = target;
        Exception cause = Innermost(error);
        return cause switch
        {
            AuthenticationFailureException or PossibleAuthenticationFailureException => new ConnectionException(
                ReplyCode.AccessRefused,
                target.LogsInByCertificate
                    ? $"ACCESS_REFUSED - RabbitMQ at {address} refused the certificate '{user}' (403): it has no user of the name that it takes from it " +
                        "(ssl_cert_login_from), or the user may not connect from here."
                    : $"ACCESS_REFUSED - RabbitMQ at {address} refused the user '{user}' (403): the name or the password is wrong, " +
                        "or the user may not connect from here.", error),
            OperationInterruptedException { ShutdownReason: { ReplyCode: 530 } reason } => new ConnectionException(
                ReplyCode.NotAllowed, $"{reason.ReplyText} (530): RabbitMQ at {address} does not let the user '{user}' open the virtual host '{virtualHost}'.", error),
            OperationInterruptedException { ShutdownReason: { } reason } => FromReason(reason, error),
            SocketException socket => new ConnectionException(
                ReplyCode.ConnectionForced, $"No RabbitMQ can be reached at {address}: {socket.Message}. Check the address and that it is running.", error),
            OperationCanceledException or TimeoutException => new ConnectionException(
                ReplyCode.ConnectionForced,
                $"No RabbitMQ answered in time at {address}; see RabbitMqOptions.ConnectTimeout" +
                (target.UsesTls ? "." : ", and begin the address with amqps if it listens with TLS there."), error),
            System.Security.Authentication.AuthenticationException tls => new ConnectionException(
                ReplyCode.ConnectionForced,
                $"TLS with RabbitMQ at {address} failed: " +
                (target.Distrust ?? $"{tls.Message.ReplaceLineEndings(" ")} Check that it listens with TLS there."), error),
            _ => new ConnectionException(
                ReplyCode.ConnectionForced, $"No RabbitMQ can be reached at {address}: {cause.Message.ReplaceLineEndings(" ")}" +
                (target.LogsInByCertificate
                    ? ". A login by certificate needs the server's plugin rabbitmq_auth_mechanism_ssl, and EXTERNAL among its auth_mechanisms."
                    : ""), error),
        };
    }

    private static Exception Innermost(Exception error)
    {
        while (error is not (OperationInterruptedException or PossibleAuthenticationFailureException))
        {
            if ((error as AggregateException)?.InnerExceptions.FirstOrDefault() is { } first)
                error = first;
            else if (error.InnerException is { } inner)
                error = inner;
            else
                break;
        }

        return error;
    }

    private static ReplyCode CodeOf(ShutdownEventArgs reason)
        => Enum.IsDefined((ReplyCode)reason.ReplyCode) ? (ReplyCode)reason.ReplyCode : ReplyCode.ConnectionForced;
}

/// <summary>Where a connection was to lead.</summary>
/// <param name="Address">The addresses of the nodes.</param>
/// <param name="User">Who was to log in.</param>
/// <param name="VirtualHost">The virtual host to be opened.</param>
internal readonly record struct ConnectTarget(string Address, string User, string VirtualHost)
{
    public bool UsesTls { get; init; }

    /// <summary>True where <paramref name="User"/> is the subject of a certificate.</summary>
    public bool LogsInByCertificate { get; init; }

    /// <summary>Why the server's certificate was refused; null where it was not.</summary>
    public string? Distrust { get; init; }
}
