namespace MessagingModels.Broker.Routing;

/// <summary>Work that nobody waits for but the closing: clean-up that a loop has asked for. Thread-safe.</summary>
internal sealed class BackgroundWork
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Starts work on the thread pool. It must not throw.</summary>
    public void Run(Func<Task> work)
    {
        lock (_lock)
        {
            Task task = Task.Run(work);
            _running.Add(task);
            _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Waits until all that was started has ended.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
            return Task.WhenAll(_running);
    }

    private void Forget(Task task)
    {
        lock (_lock)
            _running.Remove(task);
    }
}
