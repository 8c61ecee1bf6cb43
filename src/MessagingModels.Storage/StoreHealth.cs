namespace MessagingModels.Storage;

/// <summary>Whether the disk still keeps what it was told to keep, for a whole data directory. Thread-safe; once broken it stays so.</summary>
public sealed class StoreHealth
{
    private readonly string _directory;
    private BrokenStoreException? _failure;

    internal StoreHealth(string directory) => _directory = directory;

    /// <summary>Whether a flush has failed.</summary>
    public bool IsBroken => Volatile.Read(ref _failure) is not null;

    /// <summary>The failure that broke the directory, or null.</summary>
    public BrokenStoreException? Failure => Volatile.Read(ref _failure);

    /// <summary>Called once, with the first failure, on the thread that met it.</summary>
    public event Action<BrokenStoreException>? Broken;

    /// <exception cref="BrokenStoreException">A flush has failed.</exception>
    public void ThrowIfBroken()
    {
        if (Volatile.Read(ref _failure) is { } failure) throw new BrokenStoreException(_directory, failure.InnerException!);
    }

    internal BrokenStoreException Break(Exception cause)
    {
        BrokenStoreException failure = new(_directory, cause);
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null) Broken?.Invoke(failure);
        return failure;
    }
}
