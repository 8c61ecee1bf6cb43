namespace MessagingModels;

/// <summary>What every error of this API has in common: it names what was wrong and, where one exists, what to do about it.</summary>
public abstract class MessagingException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    protected MessagingException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
