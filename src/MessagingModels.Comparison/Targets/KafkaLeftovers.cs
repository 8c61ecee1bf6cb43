using MessagingModels.Kafka;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// Removes what a run left on a cluster that others use: the groups, which Kafka keeps for days, and topics of sessions that could not. What stays are
/// the names of transactional producers, which no request removes and Kafka forgets after a week.
/// </summary>
internal static class KafkaLeftovers
{
    /// <summary>Longer than a group keeps a member that died.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    public static async Task RemoveAsync(KafkaTarget target, string prefix)
    {
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await using KafkaLogBroker log = await target.ConnectAsync(target.BootstrapServers, Limit, limit.Token).ConfigureAwait(false);
            foreach (string group in target.ShareGroups)
                await TryAsync(() => log.DeleteGroupAsync(group, limit.Token)).ConfigureAwait(false);
            while (!await RemoveAllAsync(log, prefix, limit.Token).ConfigureAwait(false))
                await Task.Delay(RetryDelay, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            // The cluster is gone, or something is held by a client that this run gave up: its names begin with "mm-", to be found by hand.
        }
    }

    /// <returns>True where nothing is left.</returns>
    private static async Task<bool> RemoveAllAsync(KafkaLogBroker log, string prefix, CancellationToken cancellationToken)
    {
        string[] topics = [.. (await log.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).Where(IsOurs)];
        string[] groups = [.. (await log.ListGroupsAsync(cancellationToken).ConfigureAwait(false)).Select(static group => group.GroupId).Where(IsOurs)];
        bool[] removed = await Task.WhenAll(
            topics.Select(topic => TryAsync(() => log.DeleteTopicAsync(topic, cancellationToken)))
                .Concat(groups.Select(group => TryAsync(() => log.DeleteGroupAsync(group, cancellationToken))))).ConfigureAwait(false);
        return removed.All(static done => done);

        bool IsOurs(string name) => name.StartsWith(prefix, StringComparison.Ordinal);
    }

    private static async Task<bool> TryAsync(Func<ValueTask> remove)
    {
        try
        {
            await remove().ConfigureAwait(false);
            return true;
        }
        catch (MessagingException)
        {
            return false;
        }
    }
}
