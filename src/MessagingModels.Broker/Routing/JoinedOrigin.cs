using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing;

/// <summary>Waits for every destination of one message and then tells an origin once: stored where all have it, refused where one refused.</summary>
internal sealed class JoinedOrigin(IPublishOrigin origin, ulong sequence, int count) : IPublishOrigin
{
    private int _remaining = count;
    private Exception? _error;
    private bool _isRefused;

    public void OnStored(ulong _) => Finish();

    public void OnRefused(ulong _, Exception? error)
    {
        if (!IsQueueGone(error))
        {
            _error = error;
            Volatile.Write(ref _isRefused, true);
        }

        Finish();
    }

    /// <summary>A queue that was deleted while the message was on its way has no claim to it: it counts as stored, as in RabbitMQ.</summary>
    public static bool IsQueueGone(Exception? error) => error is ChannelException { ReplyCode: ReplyCode.NotFound };

    private void Finish()
    {
        if (Interlocked.Decrement(ref _remaining) > 0)
            return;
        if (Volatile.Read(ref _isRefused))
            origin.OnRefused(sequence, _error);
        else
            origin.OnStored(sequence);
    }
}
