namespace MessagingModels.Formats.Records;

/// <summary>Keeps a few codec contexts, each worth megabytes, for the next caller; any thread may rent and return.</summary>
internal sealed class ContextPool<T>(Func<T> create)
    where T : class, IDisposable
{
    private readonly T?[] _kept = new T?[Math.Min(Environment.ProcessorCount, 16)];

    public T Rent()
    {
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is not null && Interlocked.Exchange(ref _kept[i], null) is { } context)
                return context;
        }

        return create();
    }

    public void Return(T context)
    {
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], context, null) is null)
                return;
        }

        context.Dispose();
    }
}
