namespace MessagingModels.Kafka.Clients;

/// <summary>
/// A thread for calls of the client that block. Work runs in the order it was handed over, one at a time. Work that has to wait for something
/// asynchronous, or that takes long, lets later work run in between (<see cref="RunUntil(Task)"/>, <see cref="RunQueued"/>).
/// </summary>
internal sealed class ClientThread : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object? _owner;
    private bool _isEnding;

    /// <param name="name">The thread's name.</param>
    /// <param name="owner">
    /// Who is kept alive until the thread ends. A consumer of the library must not be left to the garbage collector: its finalizer destroys it
    /// without closing it, which was seen to block for ever after a missed MaxPollInterval, and with it all finalizers of the process.
    /// </param>
    public ClientThread(string name, object? owner = null)
    {
        _owner = owner;
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    /// <exception cref="ObjectDisposedException">The thread was told to end.</exception>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            _work.Enqueue(() => Complete(done, work));
            Monitor.PulseAll(_gate);
        }

        return done.Task;
    }

    /// <exception cref="ObjectDisposedException">The thread was told to end.</exception>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Runs what is queued. Called on the thread itself, from within its work.</summary>
    public void RunQueued()
    {
        while (TryTake(until: null, out Action? next))
            next();
    }

    /// <summary>Runs what is queued until a task has completed, and throws what it threw. Called on the thread itself, from within its work.</summary>
    public T RunUntil<T>(Task<T> task)
    {
        RunUntil((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Runs what is queued until a task has completed, and throws what it threw. Called on the thread itself, from within its work.</summary>
    public void RunUntil(Task task)
    {
        task.ContinueWith(
            static (_, state) => ((ClientThread)state!).Wake(), this,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (TryTake(task, out Action? next))
            next();
        task.GetAwaiter().GetResult();
    }

    /// <summary>Ends the thread after the work that was handed over.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        return new ValueTask(_ended.Task);
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception exception)
        {
            // Thrown to whoever awaits the work.
            done.SetException(exception);
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>The next piece of work; waits for one while the task runs, and not at all without a task.</summary>
    private bool TryTake(Task? until, out Action next)
    {
        lock (_gate)
        {
            while (_work.Count == 0 && until is { IsCompleted: false })
                Monitor.Wait(_gate);
            return _work.TryDequeue(out next!);
        }
    }

    private void Run()
    {
        while (true)
        {
            Action next;
            lock (_gate)
            {
                while (_work.Count == 0 && !_isEnding)
                    Monitor.Wait(_gate);
                if (!_work.TryDequeue(out next!))
                    break;
            }

            next();
        }

        GC.KeepAlive(_owner);
        _ended.SetResult();
    }
}
