namespace MessagingModels;

/// <summary>Reply codes of the exchange model (AMQP 0-9-1, section 1.2 "Reply code definitions").</summary>
public enum ReplyCode
{
    /// <summary>No error.</summary>
    Success = 200,
    /// <summary>A returned message was larger than the peer takes.</summary>
    ContentTooLarge = 311,
    /// <summary>A mandatory message had no queue to go to.</summary>
    NoRoute = 312,
    /// <summary>An immediate message had no consumer to go to.</summary>
    NoConsumers = 313,
    /// <summary>An operator closed the connection.</summary>
    ConnectionForced = 320,
    /// <summary>The virtual host is unknown or its path is not legal.</summary>
    InvalidPath = 402,
    /// <summary>Not allowed.</summary>
    AccessRefused = 403,
    /// <summary>No such exchange, queue or consumer.</summary>
    NotFound = 404,
    /// <summary>The queue is exclusive to another connection or consumer.</summary>
    ResourceLocked = 405,
    /// <summary>A condition was not met: other arguments, an unknown tag, an unused or empty queue that is not.</summary>
    PreconditionFailed = 406,
    /// <summary>A frame could not be read.</summary>
    FrameError = 501,
    /// <summary>A field could not be read.</summary>
    SyntaxError = 502,
    /// <summary>The command is not valid here.</summary>
    CommandInvalid = 503,
    /// <summary>The channel is not open.</summary>
    ChannelError = 504,
    /// <summary>A frame came out of turn.</summary>
    UnexpectedFrame = 505,
    /// <summary>The broker lacks the resources.</summary>
    ResourceError = 506,
    /// <summary>Not allowed by the settings in force.</summary>
    NotAllowed = 530,
    /// <summary>The broker does not do this.</summary>
    NotImplemented = 540,
    /// <summary>The broker failed; the message says how.</summary>
    InternalError = 541,
}

/// <summary>An error that closes the channel it happened on; what was in flight on it goes back to its queues.</summary>
public sealed class ChannelException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="replyCode">AMQP's code.</param>
    /// <param name="message">RabbitMQ's text for the error, with the code's name in front.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ChannelException(ReplyCode replyCode, string message, Exception? innerException = null)
        : base(message, innerException)
        => ReplyCode = replyCode;

    /// <summary>AMQP's code.</summary>
    public ReplyCode ReplyCode { get; }
}

/// <summary>An error that closes the whole connection with all its channels.</summary>
public sealed class ConnectionException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="replyCode">AMQP's code.</param>
    /// <param name="message">What was wrong.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ConnectionException(ReplyCode replyCode, string message, Exception? innerException = null)
        : base(message, innerException)
        => ReplyCode = replyCode;

    /// <summary>AMQP's code.</summary>
    public ReplyCode ReplyCode { get; }
}

/// <summary>A published message was refused by a queue (it is full and rejects, or its store failed): it counts as not published.</summary>
public sealed class PublishNackedException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which message, and why where that is known.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public PublishNackedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The broker cancelled a consumer: its queue was deleted, or became unavailable.</summary>
public sealed class ConsumerCancelledException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which consumer, and why.</param>
    public ConsumerCancelledException(string message)
        : base(message)
    {
    }
}
