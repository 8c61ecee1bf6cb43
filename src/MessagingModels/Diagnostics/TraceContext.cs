using System.Diagnostics;
using System.Text;

namespace MessagingModels;

/// <summary>
/// Carries the trace context with a message: in headers of the names that the process's <see cref="DistributedContextPropagator"/> gives
/// (<c>traceparent</c> and <c>tracestate</c>, W3C Trace Context), as text in UTF-8.
/// </summary>
internal static class TraceContext
{
    /// <summary>Adds a span's context to a record's headers. The caller's own list stays as it is: it may serve other records.</summary>
    /// <param name="activity">The span, or null for none.</param>
    /// <param name="headers">The headers, or null for none.</param>
    /// <returns>The headers to send: the same ones where there is no span.</returns>
    public static RecordHeaders? Inject(Activity? activity, RecordHeaders? headers)
    {
        if (activity is null)
            return headers;
        RecordHeaders copy = new();
        foreach (RecordHeader header in headers ?? RecordHeaders.Empty)
            copy.Add(header.Key, header.Value);
        DistributedContextPropagator.Current.Inject(
            activity, copy, static (carrier, name, value) => ((RecordHeaders)carrier!).Add(name, value));
        return copy;
    }

    /// <summary>Adds a span's context to a message's headers.</summary>
    /// <param name="activity">The span, or null for none.</param>
    /// <param name="properties">The properties, or null for none.</param>
    /// <returns>The properties to send: the same ones where there is no span.</returns>
    public static MessageProperties? Inject(Activity? activity, MessageProperties? properties)
    {
        if (activity is null)
            return properties;
        properties ??= MessageProperties.Empty;
        Dictionary<string, object?> headers = new(properties.Headers);
        DistributedContextPropagator.Current.Inject(
            activity, headers, static (carrier, name, value) => ((Dictionary<string, object?>)carrier!)[name] = value);
        return properties with { Headers = headers };
    }

    /// <summary>The context that a record's headers carry; default where they carry none.</summary>
    public static ActivityContext Extract(RecordHeaders headers)
        => Extract(headers, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
        {
            values = null;
            value = ((RecordHeaders)carrier!).TryGetLast(name, out RecordHeader header) ? header.Text : null;
        });

    /// <summary>The context that a message's headers carry; default where they carry none.</summary>
    public static ActivityContext Extract(MessageProperties properties)
        => Extract(properties.Headers, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
        {
            values = null;
            value = ((IReadOnlyDictionary<string, object?>)carrier!).GetValueOrDefault(name) switch
            {
                string text => text,
                byte[] bytes => Encoding.UTF8.GetString(bytes),
                _ => null,
            };
        });

    private static ActivityContext Extract(object carrier, DistributedContextPropagator.PropagatorGetterCallback getter)
    {
        DistributedContextPropagator.Current.ExtractTraceIdAndState(carrier, getter, out string? parent, out string? state);
        return ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext context) ? context : default;
    }
}
