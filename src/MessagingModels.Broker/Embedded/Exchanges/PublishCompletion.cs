using System.Threading.Tasks.Sources;

namespace MessagingModels.Broker.Embedded.Exchanges;

/// <summary>
/// A publish that its caller awaits; used again once the caller has its result and the channel has let go of it. Either may be first: a caller
/// that stops waiting leaves the publish to complete unheard.
/// </summary>
internal sealed class PublishCompletion(PublishCompletionPool pool) : IValueTaskSource<PublishOutcome>
{
    private const int Holders = 2;

    private ManualResetValueTaskSourceCore<PublishOutcome> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _isCompleted;
    private int _holders;

    public void Start()
    {
        _core.Reset();
        Volatile.Write(ref _isCompleted, 0);
        Volatile.Write(ref _holders, Holders);
    }

    /// <summary>The caller's side.</summary>
    public ValueTask<PublishOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (completion, token) => ((PublishCompletion)completion!).TryFail(new OperationCanceledException(token)), this);
        }

        return new ValueTask<PublishOutcome>(this, _core.Version);
    }

    /// <summary>The channel's side: the publish is settled.</summary>
    public void Settle(PublishOutcome outcome, Exception? error)
    {
        if (error is not null)
            TryFail(error);
        else if (Interlocked.Exchange(ref _isCompleted, 1) == 0)
            _core.SetResult(outcome);
        Release();
    }

    /// <summary>The publish did not begin: nobody waits.</summary>
    public void Abandon() => pool.Return(this);

    PublishOutcome IValueTaskSource<PublishOutcome>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _cancellation.Dispose();
            _cancellation = default;
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<PublishOutcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<PublishOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    private void TryFail(Exception error)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) == 0)
            _core.SetException(error);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            pool.Return(this);
    }
}

/// <summary>The completions of a channel that are not in use. Thread-safe.</summary>
internal sealed class PublishCompletionPool
{
    private const int MaxKept = 4096;

    private readonly Lock _lock = new();
    private readonly Stack<PublishCompletion> _free = [];

    public PublishCompletion Rent()
    {
        PublishCompletion? completion;
        lock (_lock)
            _free.TryPop(out completion);
        completion ??= new PublishCompletion(this);
        completion.Start();
        return completion;
    }

    public void Return(PublishCompletion completion)
    {
        lock (_lock)
        {
            if (_free.Count < MaxKept)
                _free.Push(completion);
        }
    }
}
