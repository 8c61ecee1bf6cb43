namespace MessagingModels.Broker.Queues;

/// <summary>Something rarer than publishes and settlements that a queue's loop does between them.</summary>
internal interface IQueueRequest
{
    /// <summary>Called by the loop, once. Throws only what broke the queue; refusals go to whoever asked.</summary>
    void Execute(IQueueEngine engine, long nowMs);

    /// <summary>The queue has ended or broken instead.</summary>
    void Refuse(Exception error);
}

/// <summary>A request with an answer.</summary>
internal sealed class QueueRequest<T>(Func<IQueueEngine, long, T> action) : IQueueRequest
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public void Execute(IQueueEngine engine, long nowMs)
    {
        try
        {
            _answer.SetResult(action(engine, nowMs));
        }
        catch (ChannelException refusal)
        {
            _answer.SetException(refusal);
        }
        catch (Exception error)
        {
            _answer.SetException(error);
            throw;
        }
    }

    public void Refuse(Exception error) => _answer.TrySetException(error);
}

/// <summary>A request that nobody waits for.</summary>
internal sealed class QueueNotice(Action<IQueueEngine, long> action) : IQueueRequest
{
    public void Execute(IQueueEngine engine, long nowMs) => action(engine, nowMs);

    public void Refuse(Exception error)
    {
        // Nobody waits.
    }
}

/// <summary>A transaction's part for one queue.</summary>
internal sealed class QueueCommit(ReadOnlyMemory<Message> publishes, ReadOnlyMemory<QueueSettlement> settlements) : IQueueRequest, IPublishOrigin
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public void Execute(IQueueEngine engine, long nowMs) => engine.Commit(publishes.Span, settlements.Span, this, nowMs);

    public void Refuse(Exception error) => _done.TrySetException(error);

    public void OnStored(ulong sequence) => _done.TrySetResult();

    public void OnRefused(ulong sequence, Exception? error) => _done.TrySetException(
        error as ChannelException ?? (Exception)new PublishNackedException(error?.Message ?? "The queue refused the transaction.", error));
}

/// <summary>A transaction's part of which a full queue refused something: the rest is done, and the commit fails.</summary>
internal sealed class PartialCommit(IPublishOrigin origin) : IPublishOrigin
{
    public void OnStored(ulong sequence) => origin.OnRefused(sequence, QueueErrors.PartialTransaction());

    public void OnRefused(ulong sequence, Exception? error) => origin.OnRefused(sequence, error);
}
