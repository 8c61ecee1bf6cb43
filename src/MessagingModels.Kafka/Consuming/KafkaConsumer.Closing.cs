using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Consuming;

internal sealed partial class KafkaConsumer
{
    /// <summary>How long a member that leaves waits until its partitions are given back; then its consumer is closed all the same.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);

    /// <summary>Completes within <see cref="KafkaOptions.CloseTimeout"/>, whatever the cluster, the library or a listener does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Task ending = EndAsync();
        if (await ending.EndsWithinAsync(_kafka.CloseTimeout).ConfigureAwait(false))
            await ending.ConfigureAwait(false);
        else
            KafkaLog.LeftBehind(_logger, $"Consumer '{Options.ClientId}'", _kafka.CloseTimeout.TotalSeconds);
    }

    private async Task EndAsync()
    {
        try
        {
            await _thread.RunAsync(Close).ConfigureAwait(false);
        }
        finally
        {
            await _thread.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Leaves the group and gives the connections up. The library tells of the end of a membership only by closing its consumer.</summary>
    private void Close()
    {
        if (_client is not { } client)
            return;
        try
        {
            if (_subscription is null)
                CommitWhatWasRead(_partitions.All);
            else
                LeaveGroup(client);
            client.Close();
        }
        catch (KafkaException)
        {
            // The group has moved on without this member: there is nothing left to give back.
        }
        finally
        {
            _client = null;
            client.Dispose();
            _partitions.Remove(_partitions.Ids);
            _subscription = null;
            _listener = null;
        }

        ThrowListenerFault();
    }

    /// <summary>
    /// Gives the partitions back while the library still runs its group. Where a rebalance waits to be told when its consumer is closed, as after a
    /// missed MaxPollInterval, the library may end the group first; it then waits for ever for an answer of that group within its own callback
    /// (https://github.com/confluentinc/librdkafka/issues/4884).
    /// </summary>
    private void LeaveGroup(IConsumer<byte[]?, byte[]?> client)
    {
        long begin = TimeProvider.System.GetTimestamp();
        Serve(client, begin);

        // A static member keeps its place until its session ends (KIP-345); unsubscribing would give the place up.
        if (Options.GroupInstanceId is not null)
            return;
        client.Unsubscribe();
        while (TimeProvider.System.GetElapsedTime(begin) < LeaveLimit)
        {
            int told = _rebalances;
            Serve(client, begin);

            // Answered behind the unsubscription by the thread that sets rebalances off: what that one led to waits to be served by now.
            if (client.Assignment.Count > 0)
                continue;
            Serve(client, begin);
            if (told == _rebalances)
                return;
        }
    }

    /// <summary>Has the library tell what it has to tell, and drops records.</summary>
    private static void Serve(IConsumer<byte[]?, byte[]?> client, long begin)
    {
        bool isEmpty = false;
        while (!isEmpty && TimeProvider.System.GetElapsedTime(begin) < LeaveLimit)
        {
            try
            {
                isEmpty = client.Consume(0) is null;
            }
            catch (ConsumeException exception)
            {
                // Nobody reads any more, so no reading fails.
                isEmpty = exception.Error.IsFatal;
            }
        }
    }
}
