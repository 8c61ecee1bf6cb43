using System.Threading.Tasks.Sources;

namespace MessagingModels.Storage;

/// <summary>
/// The one flusher of a data directory. Thread-safe. Whoever needs durability gathers here while a flush runs; the next flush serves all
/// of them. There is no delay: an idle flusher starts with the first who asks. A failed flush fails all who wait and is never retried,
/// because the log's directory is broken from then on.
/// </summary>
internal sealed class GroupCommit(string directory) : IDisposable
{
    private readonly object _gate = new();
    private readonly Stack<Waiter> _idleWaiters = new();
    private List<Request> _gathering = [];
    private List<Request> _flushing = [];
    private Thread? _flusher;
    private bool _isStopping;

    /// <summary>Completes once every record of a log below an offset is durable.</summary>
    public ValueTask WaitAsync(Log log, long upToOffset)
    {
        lock (_gate)
        {
            Waiter waiter = _idleWaiters.TryPop(out Waiter? idle) ? idle : new Waiter(this);
            short version = waiter.Version;
            Add(new Request(log, upToOffset, waiter));
            return new ValueTask(waiter, version);
        }
    }

    /// <summary>Has a log flushed without anybody waiting: its closed segments, so that a restart need not scan them.</summary>
    public void RequestFlush(Log log)
    {
        lock (_gate) Add(new Request(log, long.MaxValue, null));
    }

    public void Dispose()
    {
        Thread? flusher;
        lock (_gate)
        {
            _isStopping = true;
            flusher = _flusher;
            Monitor.Pulse(_gate);
        }
        flusher?.Join();
    }

    private void Add(Request request)
    {
        ObjectDisposedException.ThrowIf(_isStopping, this);
        _gathering.Add(request);
        if (_flusher is null)
        {
            _flusher = new Thread(Run) { IsBackground = true, Name = $"flush {directory}" };
            _flusher.Start();
        }
        Monitor.Pulse(_gate);
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_gathering.Count == 0)
                {
                    if (_isStopping) return;
                    Monitor.Wait(_gate);
                }
                (_gathering, _flushing) = (_flushing, _gathering);
            }
            foreach (Request request in _flushing) Serve(request);
            _flushing.Clear();
        }
    }

    // The first request of a log in a round flushes it; that flush covers whatever the others of the round wait for.
    private static void Serve(Request request)
    {
        try
        {
            if (request.Log.DurableOffset < request.UpToOffset) request.Log.FlushToDisk();
            request.Waiter?.Complete();
        }
        catch (Exception error) when (error is StorageException or IOException or ObjectDisposedException)
        {
            request.Waiter?.Fail(error);
        }
    }

    private void Return(Waiter waiter)
    {
        lock (_gate) _idleWaiters.Push(waiter);
    }

    private readonly record struct Request(Log Log, long UpToOffset, Waiter? Waiter);

    private sealed class Waiter(GroupCommit owner) : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

        public short Version => _core.Version;

        public void Complete() => _core.SetResult(true);

        public void Fail(Exception error) => _core.SetException(error);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public void GetResult(short token)
        {
            try
            {
                _core.GetResult(token);
            }
            finally
            {
                _core.Reset();
                owner.Return(this);
            }
        }
    }
}
