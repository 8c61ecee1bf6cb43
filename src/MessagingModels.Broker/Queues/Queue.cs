using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// A queue: an inbox that any thread posts to, and a loop that runs on the thread pool while something is in it. Members that return
/// void post and return; the others complete once the loop has done what was asked. The loop never waits for anybody.
/// </summary>
/// <remarks>
/// Limits: <see cref="QueueLimits"/>. A publisher asks <see cref="WaitForRoomAsync"/> before it goes on; what it posts without asking
/// is taken up to <see cref="QueueLimits.RefusalFactor"/> times the limit and refused beyond.
/// </remarks>
internal sealed class Queue : IThreadPoolWorkItem
{
    private const int TurnsBeforeYielding = 16;

    private readonly QueueHost _host;
    private readonly QueueFiles _files;
    private readonly QueueInbox _inbox;
    private readonly QueueInboxBatch _batch = new();
    private readonly ITimer _timer;
    private IQueueEngine _engine;
    private QueueSettings _settings;
    private string? _error;
    private Exception? _ended;
    private long _timerDueMs = long.MaxValue;
    private bool _hasTimerFired;

    private Queue(QueueHost host, QueueDeclaration declaration, QueueSettings settings, QueueFiles files)
    {
        _host = host;
        _files = files;
        _settings = settings;
        Declaration = declaration;
        _inbox = new QueueInbox(host.Limits);
        _timer = host.Time.CreateTimer(static queue => ((Queue)queue!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _engine = OpenEngine();
    }

    public string Name => Declaration.Name;

    /// <summary>As it was declared.</summary>
    public QueueDeclaration Declaration { get; }

    /// <summary>What is in force now.</summary>
    public QueueSettings Settings => Volatile.Read(ref _settings);

    public QueueStatistics Statistics => Volatile.Read(ref _engine).Counters.ToStatistics();

    /// <summary>Why the queue cannot be used, or null.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>False while publishers should wait (<see cref="WaitForRoomAsync"/>).</summary>
    public bool HasRoom => _inbox.HasRoom;

    /// <summary>Opens a queue with the messages that it held, or makes it where its directory does not exist. Where its log is damaged,
    /// <see cref="Error"/> says so and the queue can only be deleted.</summary>
    /// <param name="host">What the queues of the virtual host share.</param>
    /// <param name="declaration">The queue.</param>
    /// <param name="settings">What is in force.</param>
    /// <param name="directory">The name of its directory in <see cref="QueueHost.Directory"/>; no queue before it may have had the same.</param>
    public static async ValueTask<Queue> OpenAsync(QueueHost host, QueueDeclaration declaration, QueueSettings settings, string directory)
    {
        QueueFiles files = QueueFiles.Of(host, declaration, directory);
        return files.Data.FileSystem.DirectoryExists(files.Directory)
            ? await Task.Run(() => new Queue(host, declaration, settings, files))
            : new Queue(host, declaration, settings, files);
    }

    /// <summary>Publishes a message; the origin, if there is one, is told what became of it.</summary>
    public void Publish(in Message message, IPublishOrigin? origin, ulong sequence)
    {
        if (!_inbox.TryAdd(in message, origin, sequence, out bool mustSchedule))
            origin?.OnRefused(sequence, new PublishNackedException($"Queue '{Name}' has more publishes waiting than it takes; wait for room first."));
        if (mustSchedule)
            Schedule();
    }

    /// <summary>Completes when the queue takes more publishes: at once unless publishers overran it.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _inbox.WaitForRoomAsync(cancellationToken);

    /// <summary>Ends a delivery. An id that is not known (settled before) is passed over.</summary>
    public void Settle(long deliveryId, Settlement settlement)
    {
        if (_inbox.Add(new QueueSettlement(deliveryId, settlement)))
            Schedule();
    }

    /// <summary>Ends many deliveries in one way.</summary>
    public void Settle(ReadOnlySpan<long> deliveryIds, Settlement settlement)
    {
        if (!deliveryIds.IsEmpty && _inbox.Add(deliveryIds, settlement))
            Schedule();
    }

    /// <summary>A sink that had no room has some again.</summary>
    public void OnCreditReturned(QueueConsumer consumer)
    {
        if (_inbox.AddCredit(consumer))
            Schedule();
    }

    /// <summary>Attaches a consumer.</summary>
    /// <exception cref="ChannelException">403: the queue or the consumer is exclusive; 404: the queue is gone; 541: it cannot be used.</exception>
    public async ValueTask AddConsumerAsync(QueueConsumer consumer) => await Ask((engine, now) =>
    {
        engine.AddConsumer(consumer, now);
        return true;
    });

    /// <summary>Detaches a consumer: nothing is delivered to it once this completes. What it holds stays with its channel until settled.</summary>
    public async ValueTask RemoveConsumerAsync(QueueConsumer consumer) => await Ask((engine, now) =>
    {
        engine.RemoveConsumer(consumer, now);
        return true;
    }, isCleanup: true);

    /// <summary>Takes a message, or null where none is ready.</summary>
    /// <exception cref="ChannelException">404: the queue is gone; 540: a stream has no get; 541: it cannot be used.</exception>
    public async ValueTask<QueueDelivery?> GetAsync(bool autoAck) => await Ask((engine, now) => engine.Get(autoAck, now));

    /// <summary>Drops the ready messages and says how many there were.</summary>
    /// <exception cref="ChannelException">404: the queue is gone; 540: a stream cannot be purged; 541: it cannot be used.</exception>
    public async ValueTask<long> PurgeAsync() => await Ask(static (engine, now) => engine.Purge(now));

    /// <summary>A policy changed.</summary>
    public async ValueTask ApplySettingsAsync(QueueSettings settings) => await Ask((engine, now) =>
    {
        engine.Apply(settings, now);
        Volatile.Write(ref _settings, settings);
        return true;
    });

    /// <summary>Does a transaction's part: all of it or, after a crash, nothing. Completes once it is durable.</summary>
    /// <exception cref="PublishNackedException">The store refused it; nothing was done.</exception>
    /// <exception cref="ChannelException">404: the queue is gone; 541: it cannot be used.</exception>
    public ValueTask CommitAsync(ReadOnlyMemory<Message> publishes, ReadOnlyMemory<QueueSettlement> settlements)
    {
        QueueCommit commit = new(publishes, settlements);
        Post(commit);
        return new ValueTask(commit.Done);
    }

    /// <summary>Ends the queue for good and says how many messages were ready. Its consumers are cancelled. Once it is noted that the queue
    /// is no more, <see cref="DeleteFiles"/> follows; until then a restart finds it as it was.</summary>
    /// <exception cref="ChannelException">406: it has consumers or messages and the caller minds; 404: it is gone.</exception>
    public async ValueTask<long> DeleteAsync(bool ifUnused, bool ifEmpty) => await Ask((engine, _) =>
    {
        QueueStatistics now = engine.Counters.ToStatistics();
        if (ifUnused && now.Consumers > 0)
            throw new ChannelException(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {QueueErrors.Named(_host, Name)} in use");
        if (ifEmpty && now.ReadyMessages > 0)
            throw new ChannelException(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {QueueErrors.Named(_host, Name)} not empty");
        End(isDeleted: true, "the queue was deleted", QueueErrors.NotFound(_host, Name));
        return now.ReadyMessages;
    });

    /// <summary>Deletes the files of a queue that was deleted or has ended of its own accord. What cannot be deleted now is left to the
    /// next start, which knows no queue to it.</summary>
    public void DeleteFiles()
    {
        try
        {
            _engine.DeleteFiles();
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            QueueEvents.FilesNotDeleted(_host.Logger, _files.Directory, error);
        }
    }

    /// <summary>Closes the queue with what it holds; a durable one can be opened again.</summary>
    public async ValueTask CloseAsync() => await Ask((_, _) =>
    {
        End(isDeleted: false, null, new ObjectDisposedException($"queue {Name}"));
        return true;
    }, isCleanup: true);

    /// <summary>
    /// How much it holds, after all that was published, delivered and settled before the call. Looking is no use of the queue: it expires all the
    /// same.
    /// </summary>
    /// <exception cref="ChannelException">404: the queue is gone.</exception>
    public async ValueTask<QueueStatistics> CountAsync() => await Ask(static (engine, _) => engine.Counters.ToStatistics());

    /// <summary>As <see cref="CountAsync"/>, of a queue that was declared again: that is a use, and its time to expire begins anew.</summary>
    /// <exception cref="ChannelException">404: the queue is gone.</exception>
    public async ValueTask<QueueStatistics> DeclareAgainAsync() => await Ask(static (engine, now) =>
    {
        engine.Touch(now);
        return engine.Counters.ToStatistics();
    });

    /// <summary>The queue as the API shows it.</summary>
    public QueueDescription Describe(QueueStatistics counted) => new(
        Declaration, Settings.PolicyName, counted.ReadyMessages, counted.UnackedMessages, counted.ReadyBytes, counted.Consumers, Error);

    /// <summary>The loop. Called by the thread pool, never twice at a time.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        bool hasMore = false;
        for (int turn = 0; turn < TurnsBeforeYielding; turn++)
        {
            if (!_inbox.TryTake(_batch, hasMore))
                return;
            hasMore = Turn();
            _batch.Clear();
        }

        if (hasMore)
            _inbox.Wake();
        Schedule();
    }

    /// <summary>Has the loop make a turn.</summary>
    internal void Wake()
    {
        if (_inbox.Wake())
            Schedule();
    }

    internal void Post(IQueueRequest request)
    {
        if (_inbox.Add(request))
            Schedule();
    }

    private bool Turn()
    {
        if (_ended is not null)
        {
            RefuseBatch(_ended);
            return false;
        }

        long now = NowMs;
        int requests = 0;
        try
        {
            _engine.Publish(_batch.Publishes.Span, now);
            _engine.Settle(_batch.Settlements.Span, now);
            _engine.ReturnCredit(_batch.Credits.Span);
            foreach (IQueueRequest request in _batch.Requests.Span)
            {
                requests++;
                if (_ended is null)
                    request.Execute(_engine, now);
                else
                    request.Refuse(_ended);
            }

            if (_ended is not null)
                return false;
            bool hasMore = _engine.Pump(now);
            if (_engine.Ended is { } reason)
            {
                EndItself(reason);
                return false;
            }

            SetTimer(hasMore);
            return hasMore;
        }
        catch (Exception error)
        {
            // Whatever it was, this queue stops here and says so; nothing goes on over a state that may be wrong.
            Fail(error);
            ExecuteAfterFailure(_batch.Requests.Span[requests..], now);
            return false;
        }
    }

    // The failed queue answers them. A notice of the same broken store fails a second time, which must not end the process.
    private void ExecuteAfterFailure(ReadOnlySpan<IQueueRequest> requests, long nowMs)
    {
        foreach (IQueueRequest request in requests)
        {
            try
            {
                request.Execute(_engine, nowMs);
            }
            catch (Exception error)
            {
                QueueEvents.QueueFailed(_host.Logger, Name, _host.VirtualHost, error);
            }
        }
    }

    private void EndItself(QueueEnd reason)
    {
        End(isDeleted: true, reason == QueueEnd.Expired ? "the queue expired" : "the queue was deleted", QueueErrors.NotFound(_host, Name));
        _host.Owner.OnQueueGone(this, reason);
    }

    private void End(bool isDeleted, string? cancelReason, Exception error)
    {
        _ended = error;
        _timer.Dispose();
        _engine.End(isDeleted, cancelReason);
    }

    private void Fail(Exception error)
    {
        QueueEvents.QueueFailed(_host.Logger, Name, _host.VirtualHost, error);
        Volatile.Write(ref _error, error.Message);
        IQueueEngine broken = _engine;
        Volatile.Write(ref _engine, new FailedQueue(_host, Name, _files, error, broken.Counters));
        broken.Abandon(error);
    }

    private void RefuseBatch(Exception error)
    {
        foreach (ref readonly QueuePublish publish in _batch.Publishes.Span)
            publish.Origin?.OnRefused(publish.Sequence, error);
        foreach (IQueueRequest request in _batch.Requests.Span)
            request.Refuse(error);
    }

    private IQueueEngine OpenEngine()
    {
        try
        {
            return QueueEngines.Open(this, _host, _files, _settings);
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            QueueEvents.QueueFailed(_host.Logger, Name, _host.VirtualHost, error);
            _error = error.Message;
            return new FailedQueue(_host, Name, _files, error, new QueueCounters());
        }
    }

    private async Task<T> Ask<T>(Func<IQueueEngine, long, T> action, bool isCleanup = false)
    {
        QueueRequest<T> request = new(action);
        Post(request);
        try
        {
            return await request.Answer;
        }
        catch (Exception error) when (isCleanup && ReferenceEquals(error, _ended))
        {
            return default!;
        }
    }

    private void OnTimer()
    {
        Volatile.Write(ref _hasTimerFired, true);
        Wake();
    }

    private void SetTimer(bool hasMore)
    {
        if (Volatile.Read(ref _hasTimerFired))
        {
            _hasTimerFired = false;
            _timerDueMs = long.MaxValue;
        }

        long due = hasMore ? long.MaxValue : _engine.NextDeadlineMs;
        if (due == _timerDueMs)
            return;
        _timerDueMs = due;
        if (due == long.MaxValue)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // A loop that was suspended between looking at the clock and setting the timer would wake that much too late.
        long nowMs;
        do
        {
            nowMs = NowMs;
            // The greatest period a timer takes; waking early does no harm.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(due - nowMs, 0, uint.MaxValue - 1)), Timeout.InfiniteTimeSpan);
        }
        while (NowMs != nowMs);
    }

    private long NowMs => _host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
}
