namespace MessagingModels;

/// <summary>Waits that can be given up, while what was waited for goes on.</summary>
internal static class TaskWaits
{
    /// <summary>As <see cref="Task.WaitAsync(CancellationToken)"/>; where the wait is cancelled nobody is there to hear of a later error, and it counts as seen.</summary>
    public static async Task<T> WaitOrLeaveAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        await WaitOrLeaveAsync((Task)task, cancellationToken).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <summary>As the other overload.</summary>
    public static async Task WaitOrLeaveAsync(this Task task, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!task.IsCompleted)
        {
            Leave(task);
            throw;
        }
    }

    /// <summary>Waits for the end, whatever it is, but no longer than a limit.</summary>
    /// <returns>False where it has not ended by then; a later error counts as seen.</returns>
    public static async Task<bool> EndsWithinAsync(this Task task, TimeSpan limit)
    {
        await task.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompleted)
            return true;
        Leave(task);
        return false;
    }

    /// <summary>Nobody will wait for the task.</summary>
    public static void Leave(Task task)
        => _ = task.ContinueWith(
            static left => left.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
