namespace MessagingModels.Broker.Queues;

/// <summary>Who keeps the register of queues: the virtual host. Called by a queue's loop; never blocks and never throws.</summary>
internal interface IQueueOwner
{
    /// <summary>A queue ended by itself. Its consumers are cancelled; what is posted to it from now on is refused. Its files are the
    /// owner's to delete (<see cref="Queue.DeleteFiles"/>).</summary>
    void OnQueueGone(Queue queue, QueueEnd reason);
}

/// <summary>Why a queue ended by itself.</summary>
internal enum QueueEnd
{
    /// <summary>Nobody used it for as long as <c>x-expires</c> says.</summary>
    Expired,

    /// <summary>It was auto-delete and its last consumer went.</summary>
    AutoDeleted,
}
