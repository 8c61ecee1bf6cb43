using Confluent.Kafka;
using MessagingModels.Kafka.Clients;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Kafka.Administration;

/// <summary>The connection for administration, shared by everything that asks the cluster. Safe for concurrent use.</summary>
internal sealed class ClusterAdmin : IAsyncDisposable
{
    private static readonly TimeSpan CoordinatorRetry = TimeSpan.FromMilliseconds(100);

    private readonly KafkaOptions _options;
    private readonly ClientEvents _events;
    private readonly ClientThread _thread = new("Kafka administration");
    private event Action<Client.Error>? Refused;
    private int _isDisposed;

    /// <exception cref="ArgumentException">The client does not know a setting, or its value is not legal.</exception>
    public ClusterAdmin(KafkaOptions options, ILogger logger)
    {
        _options = options;
        _events = new ClientEvents(logger, "Administration") { Reported = OnReported };
        AdminClientBuilder builder = new AdminClientBuilder(ClientSettings.ForAdmin(options))
            .SetErrorHandler((_, error) => _events.OnError(error))
            .SetLogHandler((_, line) => _events.OnLog(line));
        AdminClient = BuildWith(builder.Build);
    }

    /// <summary>The client.</summary>
    public IAdminClient AdminClient { get; }

    /// <summary>How long a request waits for its answer.</summary>
    public TimeSpan RequestTimeout => _options.RequestTimeout;

    /// <summary>Builds a client; a setting that it does not take is the caller's mistake.</summary>
    /// <exception cref="ArgumentException">The client does not know a setting, or its value is not legal.</exception>
    public static T BuildWith<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (InvalidOperationException exception)
        {
            throw new ArgumentException($"The Kafka client refused the settings: {exception.Message}", exception);
        }
    }

    /// <summary>Asks the cluster who it is; fails at once where the credentials are refused.</summary>
    /// <exception cref="LogException">No answer in time, or refused.</exception>
    public async Task<ClientAdmin.DescribeClusterResult> DescribeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Of this question alone: credentials that were refused once may be right by now.
        TaskCompletionSource<Client.Error> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<Client.Error> onRefused = error => refused.TrySetResult(error);
        Refused += onRefused;
        try
        {
            Task<ClientAdmin.DescribeClusterResult> answer =
                AdminClient.DescribeClusterAsync(new ClientAdmin.DescribeClusterOptions { RequestTimeout = timeout });
            if (await Task.WhenAny(answer, refused.Task).WaitAsync(cancellationToken).ConfigureAwait(false) == refused.Task)
            {
                TaskWaits.Leave(answer);
                throw (await refused.Task.ConfigureAwait(false)).ToException($"Kafka at {_options.BootstrapServers} refused the connection");
            }

            return await answer.ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            // "Timed out" says less than what the connections failed of.
            Error reason = _events.Last is { } last && exception.Error.Code == ErrorCode.Local_TimedOut ? last : exception.Error;

            // A listener for TLS closes the connections of a client without it, of which no error was seen to be reported.
            string advice = reason.Code == ErrorCode.Local_TimedOut ? " (check the address, and that security.protocol is its listener's)" : "";
            throw reason.ToException(
                $"Kafka at {_options.BootstrapServers} did not answer within {timeout.TotalSeconds:0.###} s{advice}", exception);
        }
        finally
        {
            Refused -= onRefused;
        }
    }

    /// <summary>Waits for an answer.</summary>
    /// <param name="request">The request under way.</param>
    /// <param name="subject">What it is about, as the start of a sentence.</param>
    /// <param name="cancellationToken">Ends the wait; the request goes on.</param>
    /// <exception cref="LogException">The request failed.</exception>
    public static async Task<T> AnswerAsync<T>(Task<T> request, string subject, CancellationToken cancellationToken)
    {
        try
        {
            return await request.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw exception.ToException(subject);
        }
    }

    /// <summary>Asks brokers about groups, and asks again while coordinators are only just taking over.</summary>
    /// <exception cref="LogException">The request failed.</exception>
    public Task<T> AskAboutGroupsAsync<T>(Func<Task<T>> send, string subject, CancellationToken cancellationToken)
        => RepeatAsync(_ => AnswerAsync(send(), subject, cancellationToken), IsMoving, cancellationToken);

    /// <summary>
    /// Asks the coordinator of a group and waits for its answer up to <see cref="RequestTimeout"/>; asks again while the office of coordinator is
    /// changing hands.
    /// </summary>
    /// <param name="groupId">The group.</param>
    /// <param name="send">Sends the request, with <see cref="GroupClient.LibraryTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait, and the request where it was not sent yet.</param>
    /// <exception cref="LogException">The request failed, or no coordinator answered in time.</exception>
    public Task<T> AskCoordinatorAsync<T>(string groupId, Func<IAdminClient, Task<T>> send, CancellationToken cancellationToken)
        => RepeatAsync(
            rest => AskCoordinatorOnceAsync(groupId, send, rest, cancellationToken),
            static error => IsMoving(error) || error.ErrorCode is LogErrorCode.NetworkException, cancellationToken);

    /// <inheritdoc cref="AnswerAsync{T}" />
    public static async Task AnswerAsync(Task request, string subject, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw exception.ToException(subject);
        }
    }

    /// <summary>The names of all topics. The call blocks in the library, so it has its thread.</summary>
    /// <exception cref="LogException">No answer in time.</exception>
    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken)
        => AnswerAsync(
            _thread.RunAsync<IReadOnlyList<string>>(() => [.. AdminClient.GetMetadata(RequestTimeout).Topics.Select(t => t.Topic)]),
            "The list of topics", cancellationToken);

    /// <summary>Asks who leads a topic's partitions now. The library goes by what it has heard until its next regular look.</summary>
    /// <exception cref="LogException">No answer in time.</exception>
    public Task RefreshAsync(string topic, CancellationToken cancellationToken)
        => AnswerAsync(_thread.RunAsync(() => AdminClient.GetMetadata(topic, RequestTimeout)), $"Topic '{topic}'", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _thread.RunAsync(AdminClient.Dispose).ConfigureAwait(false);
        await _thread.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<T> AskCoordinatorOnceAsync<T>(
        string groupId, Func<IAdminClient, Task<T>> send, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string subject = $"Group '{groupId}'";
        GroupClient client = new(_options, groupId, _events);
        try
        {
            return await AnswerAsync(send(client.Admin).WaitAsync(timeout, cancellationToken), subject, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new LogException(
                LogErrorCode.RequestTimedOut, $"{subject}: no coordinator answered within {RequestTimeout.TotalSeconds:0.###} s.", late);
        }
        finally
        {
            _ = Task.Run(client.Dispose, CancellationToken.None);
        }
    }

    /// <summary>Asks, and asks again after what passes, within <see cref="RequestTimeout"/>.</summary>
    /// <param name="ask">Asks, and is told how much of the time is left.</param>
    /// <param name="passes">Whether an error passes.</param>
    /// <param name="cancellationToken">Ends the wait between two.</param>
    private async Task<T> RepeatAsync<T>(Func<TimeSpan, Task<T>> ask, Func<LogException, bool> passes, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            TimeSpan rest = RequestTimeout - TimeProvider.System.GetElapsedTime(begin);
            try
            {
                return await ask(rest > TimeSpan.Zero ? rest : TimeSpan.Zero).ConfigureAwait(false);
            }
            catch (LogException error) when (passes(error) && TimeProvider.System.GetElapsedTime(begin) < RequestTimeout)
            {
                await Task.Delay(CoordinatorRetry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsMoving(LogException error) => error.ErrorCode
        is LogErrorCode.NotCoordinator or LogErrorCode.CoordinatorNotAvailable or LogErrorCode.CoordinatorLoadInProgress;

    internal void OnReported(Error error)
    {
        if (error.Code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism)
            Refused?.Invoke(error);
    }
}
