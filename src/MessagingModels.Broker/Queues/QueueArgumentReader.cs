using System.Globalization;

namespace MessagingModels.Broker.Queues;

/// <summary>Reads arguments, named without their <c>x-</c>, from a declaration and a policy's definition. The declaration's were checked before.</summary>
internal readonly struct QueueArgumentReader(IReadOnlyDictionary<string, object?> arguments, IReadOnlyDictionary<string, object?>? policy)
{
    private readonly IReadOnlyDictionary<string, object?> _arguments = arguments;
    private readonly IReadOnlyDictionary<string, object?>? _policy = policy;

    /// <summary>An integer of any size that a field table can hold; false for anything else.</summary>
    public static bool TryInteger(object? value, out long number)
    {
        (bool isInteger, number) = value switch
        {
            long n => (true, n),
            int n => (true, n),
            short n => (true, n),
            sbyte n => (true, n),
            byte n => (true, n),
            ushort n => (true, n),
            uint n => (true, n),
            _ => (false, 0L),
        };
        return isInteger;
    }

    /// <summary>A stream's age: a number with Y, M, D, h, m or s.</summary>
    public static bool TryAge(string text, out TimeSpan age)
    {
        age = default;
        if (text.Length < 2 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            return false;
        int seconds = text[^1] switch { 'Y' => 31_536_000, 'M' => 2_592_000, 'D' => 86_400, 'h' => 3600, 'm' => 60, 's' => 1, _ => 0 };
        if (seconds == 0 || count == 0 || count > (long)TimeSpan.MaxValue.TotalSeconds / seconds)
            return false;
        age = TimeSpan.FromSeconds(count * seconds);
        return true;
    }

    /// <summary>The lower of argument and policy.</summary>
    public long? Number(string name)
    {
        long? own = OwnNumber(name);
        if (_policy is null || !_policy.TryGetValue(name, out object? value) || !TryInteger(value, out long ofPolicy))
            return own;
        return own is { } number ? Math.Min(number, ofPolicy) : ofPolicy;
    }

    public long? OwnNumber(string name) =>
        _arguments.TryGetValue("x-" + name, out object? value) && TryInteger(value, out long number) ? number : null;

    public bool OwnFlag(string name) => _arguments.TryGetValue("x-" + name, out object? value) && value is true;

    public TimeSpan? Time(string name) =>
        Number(name) is { } milliseconds and >= 0 ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)TimeSpan.MaxValue.TotalMilliseconds)) : null;

    public string? Text(string name) =>
        _arguments.TryGetValue("x-" + name, out object? value) && value is string text ? text
        : _policy is not null && _policy.TryGetValue(name, out value) ? value as string
        : null;

    public TimeSpan? Age(string name) => Text(name) is { } text && TryAge(text, out TimeSpan age) ? age : null;

    public QueueOverflow Overflow() => Text("overflow") switch
    {
        "reject-publish" => QueueOverflow.RejectPublish,
        "reject-publish-dlx" => QueueOverflow.RejectPublishDeadLetter,
        _ => QueueOverflow.DropHead,
    };

    public DelayedRetry DelayedRetry() => Text("delayed-retry-type") switch
    {
        "failed" => Queues.DelayedRetry.Failed,
        "returned" => Queues.DelayedRetry.Returned,
        "all" => Queues.DelayedRetry.All,
        _ => Queues.DelayedRetry.Disabled,
    };
}
