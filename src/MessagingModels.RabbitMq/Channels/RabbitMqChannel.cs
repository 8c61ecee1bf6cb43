using System.Diagnostics;
using MessagingModels.RabbitMq.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Channels;

/// <summary>
/// A channel of RabbitMQ.Client as the API has it. When the connection is lost and made again the channel goes on: what was outstanding fails,
/// what was unsettled comes again, consumers are started again, an open transaction is lost and its commit says so.
/// </summary>
internal sealed partial class RabbitMqChannel : IExchangeChannel
{
    private readonly IChannel _channel;
    private readonly ChannelContext _context;
    private readonly string _virtualHost;
    private readonly Action<RabbitMqChannel> _forget;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _closedSignal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _closed;
    private Exception? _lost;
    private Task? _release;
    private int _isDisposing;

    public RabbitMqChannel(
        IChannel channel, ChannelOptions options, ChannelContext context, string virtualHost, Action<RabbitMqChannel> forget)
    {
        _channel = channel;
        _context = context;
        _virtualHost = virtualHost;
        _forget = forget;
        Options = options;
        _sharedPrefetch = options.Prefetch;
        _confirms = options.PublisherConfirms ? new ConfirmWindow(options.MaxUnconfirmed) : null;
        channel.ChannelShutdownAsync += OnShutdownAsync;
        channel.BasicAcksAsync += OnAckAsync;
        channel.BasicNacksAsync += OnNackAsync;
        channel.BasicReturnAsync += OnReturnAsync;
    }

    public ChannelOptions Options { get; }

    /// <summary>True also while a lost connection is made again: the channel then goes on.</summary>
    public bool IsOpen => Volatile.Read(ref _closed) is null;

    /// <summary>Completes when the channel is closed.</summary>
    public Task Closed => _closedSignal.Task;

    /// <summary>What the channel shares with the connection's others.</summary>
    public ChannelContext Context => _context;

    public TimeSpan OperationTimeout => _context.Options.OperationTimeout;

    /// <summary>The connection is back, and the client has opened the channel again.</summary>
    public async Task ResumeAsync()
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                // Lost once more meanwhile: the next recovery resumes it.
                if (_closed is not null || _lost is null || !_channel.IsOpen)
                    return;
                _confirms?.Reset();
                _lost = null;
            }

            _ownPrefetch = null;
        }
        finally
        {
            _starting.Release();
        }

        await ResumeConsumersAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        if (Interlocked.Exchange(ref _isDisposing, 1) == 0)
        {
            if (_confirms is not null && IsOpen)
                await DrainAsync(_confirms).ConfigureAwait(false);
            Close(new ObjectDisposedException(nameof(IExchangeChannel)));
        }

        Task? release;
        lock (_lock)
            release = _release;
        if (release is not null)
            await _context.WaitForCloseAsync(release, "channel", begin).ConfigureAwait(false);
    }

    /// <summary>Closes the channel; what is outstanding fails with the reason. The first reason stays.</summary>
    private void Close(Exception reason)
    {
        lock (_lock)
        {
            if (_closed is not null)
                return;
            Volatile.Write(ref _closed, reason);
        }

        RabbitMqLog.ChannelClosed(_context.Logger, reason.Message);
        _confirms?.Fail(reason);
        _unsettled.Lose();
        EndConsumers(reason);
        _closedSignal.TrySetResult();
        lock (_lock)
            _release = Task.Run(() => ReleaseAsync(reason is ObjectDisposedException));
    }

    private async Task DrainAsync(ConfirmWindow confirms)
    {
        try
        {
            using CancellationTokenSource timeout = new(_context.Options.DrainTimeout);
            await confirms.WaitForAllAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            RabbitMqLog.NotDrained(_context.Logger, confirms.Outstanding, _context.Options.DrainTimeout);
        }
    }

    /// <summary>Closes the client's channel, which would else be opened again with the next recovery.</summary>
    private async Task ReleaseAsync(bool isOrderly)
    {
        try
        {
            if (isOrderly && _channel.IsOpen)
            {
                using CancellationTokenSource timeout = new(OperationTimeout);
                await _channel.CloseAsync(timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (ClientErrors.Map(error) is MessagingException or ObjectDisposedException)
        {
            RabbitMqLog.ChannelClosed(_context.Logger, error.Message);
        }

        await AdministrationChannels.DiscardAsync(_channel).ConfigureAwait(false);
        _forget(this);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (ClientErrors.IsChannelError(reason) || !_context.WillRecover(reason))
        {
            Close(reason.Initiator is ShutdownInitiator.Application
                ? new ObjectDisposedException(nameof(IExchangeChannel))
                : ClientErrors.FromReason(reason));
            return Task.CompletedTask;
        }

        MessagingException loss = ClientErrors.FromReason(reason);
        lock (_lock)
        {
            if (_closed is not null)
                return Task.CompletedTask;
            _lost = loss;
            _isTransactionLost |= _hasCollected;
        }

        _confirms?.Fail(loss);
        _unsettled.Lose();
        ReleaseConsumers();
        return Task.CompletedTask;
    }

    private void ThrowIfUnusable()
    {
        ThrowIfClosed();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposing) != 0, typeof(IExchangeChannel));
        if (Volatile.Read(ref _lost) is { } loss)
            throw ClientErrors.Copy(loss);
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) is { } reason)
            throw ClientErrors.Copy(reason);
    }

    /// <summary>Closes the channel for an error that was found before RabbitMQ could find it.</summary>
    private ChannelException Refuse(ChannelException error)
    {
        Close(error);
        return error;
    }

    /// <summary>Runs an operation that RabbitMQ answers. It goes on to its end where the wait is cancelled.</summary>
    private async Task<T> CallAsync<T>(Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfUnusable();
        return await RunToEndAsync(operation).WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> RunToEndAsync<T>(Func<IChannel, Task<T>> operation)
    {
        try
        {
            return await operation(_channel).ConfigureAwait(false);
        }
        catch (Exception late) when (late is OperationCanceledException or TimeoutException)
        {
            // A message or a consumer that comes with the late answer would stay with a channel that does not know of it; closing gives it back.
            Exception mapped = ClientErrors.Map(late);
            Close(mapped);
            throw mapped;
        }
        catch (Exception error) when (ClientErrors.Map(error) is var mapped && mapped != error)
        {
            throw await ClosingErrorAsync(mapped).ConfigureAwait(false);
        }
    }

    /// <summary>A channel's error is complete once the channel is closed: later calls must see the same.</summary>
    private async Task<Exception> ClosingErrorAsync(Exception error)
    {
        if (error is ChannelException { ReplyCode: not ReplyCode.ResourceError })
            await WaitForCloseAsync().ConfigureAwait(false);
        return error;
    }

    private async Task<bool> WaitForCloseAsync()
    {
        Task first = await Task.WhenAny(_closedSignal.Task, Task.Delay(OperationTimeout)).ConfigureAwait(false);
        return first == _closedSignal.Task;
    }
}
