namespace MessagingModels.Broker.Embedded.Log;

/// <summary>Bounds the memory of records that were accepted and not yet acknowledged; who finds it full waits in line. Thread-safe.</summary>
internal sealed class BufferMemory
{
    private readonly long _limit;
    private readonly Lock _gate = new();
    private readonly Queue<(int Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _free;

    public BufferMemory(long limitBytes) => _limit = _free = limitBytes;

    /// <summary>Takes bytes; a single record larger than the limit waits for all of it.</summary>
    public ValueTask ReserveAsync(int bytes, CancellationToken cancellationToken)
    {
        TaskCompletionSource granted;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _free -= bytes;
                return ValueTask.CompletedTask;
            }

            granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, granted));
        }

        return WaitAsync(granted, bytes, cancellationToken);
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _free += bytes;
            while (_waiting.TryPeek(out (int Bytes, TaskCompletionSource Granted) next) && (next.Granted.Task.IsCompleted || Fits(next.Bytes)))
            {
                _waiting.Dequeue();
                if (next.Granted.TrySetResult())
                    _free -= next.Bytes;
            }
        }
    }

    private bool Fits(int bytes) => bytes <= _free || _free == _limit;

    private async ValueTask WaitAsync(TaskCompletionSource granted, int bytes, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), granted))
        {
            try
            {
                await granted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Those behind this one in line may fit now.
                Release(0);
                throw;
            }
        }
    }
}
