namespace MessagingModels.Broker.Routing;

/// <summary>Gives out small numbers and takes them back, so that arrays indexed by them stay small. Thread-safe.</summary>
internal sealed class DestinationNumbers
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _returned = [];
    private int _next;

    public int Take()
    {
        lock (_lock)
            return _returned.TryPop(out int number) ? number : _next++;
    }

    public void Return(int number)
    {
        lock (_lock)
            _returned.Push(number);
    }
}
