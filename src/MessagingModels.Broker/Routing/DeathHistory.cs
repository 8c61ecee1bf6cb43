using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// The record of a message's deaths in its headers, as RabbitMQ keeps it: <c>x-death</c> has a table for each queue and reason, the latest
/// death first, with its count; <c>x-first-death-*</c> and <c>x-last-death-*</c> name queue, reason and exchange of the first and last.
/// </summary>
internal sealed class DeathHistory
{
    private const string DeathHeader = "x-death";

    private static readonly string[] s_recordHeaders =
    [
        DeathHeader, "x-first-death-reason", "x-first-death-queue", "x-first-death-exchange", "x-last-death-reason", "x-last-death-queue",
        "x-last-death-exchange",
    ];

    private readonly FieldTable _headers;
    private readonly List<FieldTable> _deaths = [];

    /// <summary>Reads the record from a message's headers, which are copied.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="isOwn">False where a client wrote them: then what is in them is no record, and makes room for one.</param>
    public DeathHistory(FieldTable headers, bool isOwn = true)
    {
        _headers = new FieldTable(headers);
        if (!isOwn)
        {
            foreach (string header in s_recordHeaders)
                _headers.Remove(header);
        }

        if (!_headers.TryGetValue(DeathHeader, out FieldValue value) || !value.TryGetArray(out ReadOnlyMemory<FieldValue> deaths))
            return;
        foreach (FieldValue death in deaths.Span)
        {
            if (death.TryGetTable(out FieldTable? table))
                _deaths.Add(new FieldTable(table));
        }
    }

    /// <summary>Adds a death. One in the same queue for the same reason is counted up and moved to the front; its time stays that of the first.</summary>
    public void Add(Death death)
    {
        int index = _deaths.FindIndex(earlier => IsText(earlier, "queue", death.Queue) && IsText(earlier, "reason", death.Reason));
        FieldTable entry;
        if (index >= 0)
        {
            entry = _deaths[index];
            _deaths.RemoveAt(index);
            long count = entry.TryGetValue("count", out FieldValue value) && value.TryGetInteger(out long earlier) ? earlier : 0;
            entry["count"] = FieldValue.From(count + 1);
        }
        else
        {
            entry = NewEntry(death);
        }

        _deaths.Insert(0, entry);
        _headers[DeathHeader] = FieldValue.FromArray([.. _deaths.Select(FieldValue.From)]);
        if (!_headers.ContainsName("x-first-death-reason"))
            Note("x-first-death-", death);
        Note("x-last-death-", death);
    }

    /// <summary>True where the message, automatically dead-lettered all the way round, would come back to a queue it has died in.</summary>
    public bool IsCycle(string queue)
    {
        foreach (FieldTable death in _deaths)
        {
            if (IsText(death, "reason", Queues.DeadLetterReason.Rejected))
                return false;
            if (IsText(death, "queue", queue))
                return true;
        }

        return false;
    }

    /// <summary>The headers with the record in them.</summary>
    public FieldTable Headers => _headers;

    private static FieldTable NewEntry(Death death)
    {
        FieldTable entry = [];
        entry.Add("count", FieldValue.From(1L));
        entry.Add("reason", FieldValue.From(death.Reason));
        entry.Add("queue", FieldValue.From(death.Queue));
        entry.Add("time", FieldValue.From(AmqpTimestamp.From(death.At)));
        entry.Add("exchange", FieldValue.From(death.Exchange));
        entry.Add("routing-keys", FieldValue.FromArray([.. death.RoutingKeys.Select(key => FieldValue.From(key))]));
        if (death.OriginalExpiration is not null)
            entry.Add("original-expiration", FieldValue.From(death.OriginalExpiration));
        return entry;
    }

    private static bool IsText(FieldTable table, string name, string text)
        => table.TryGetValue(name, out FieldValue value) && value.TryGetText(out string? found) && found == text;

    private void Note(string prefix, Death death)
    {
        _headers[prefix + "reason"] = FieldValue.From(death.Reason);
        _headers[prefix + "queue"] = FieldValue.From(death.Queue);
        _headers[prefix + "exchange"] = FieldValue.From(death.Exchange);
    }
}

/// <summary>One death of a message.</summary>
/// <param name="Queue">The queue it left.</param>
/// <param name="Reason">One of <see cref="Queues.DeadLetterReason"/>.</param>
/// <param name="At">When.</param>
/// <param name="Exchange">The exchange it had been published to.</param>
/// <param name="RoutingKeys">Its routing key, and those in CC.</param>
/// <param name="OriginalExpiration">Its own time to live, which it loses; null where it had none.</param>
internal sealed record Death(
    string Queue, string Reason, DateTimeOffset At, string Exchange, IReadOnlyList<string> RoutingKeys, string? OriginalExpiration);
