using System.Threading.Tasks.Sources;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>The answer to one awaited record. Taken from its producer's pool, returned to it by the await.</summary>
internal sealed class ProduceCompletion(ProduceCompletionPool pool) : IValueTaskSource<RecordPosition>
{
    // Continuations are the caller's code: it must not hold up the batch that completes.
    private ManualResetValueTaskSourceCore<RecordPosition> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<RecordPosition> Task => new(this, _core.Version);

    public void Complete(in RecordPosition position, LogException? error)
    {
        if (error is null)
            _core.SetResult(position);
        else
            _core.SetException(error);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    public RecordPosition GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            pool.Return(this);
        }
    }
}

/// <summary>Completions that nobody waits for at present. Thread-safe.</summary>
internal sealed class ProduceCompletionPool
{
    private const int MaxPooled = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Stack<ProduceCompletion> _free = new();

    public ProduceCompletion Rent()
    {
        lock (_gate)
            return _free.TryPop(out ProduceCompletion? completion) ? completion : new ProduceCompletion(this);
    }

    public void Return(ProduceCompletion completion)
    {
        lock (_gate)
        {
            if (_free.Count < MaxPooled)
                _free.Push(completion);
        }
    }
}
