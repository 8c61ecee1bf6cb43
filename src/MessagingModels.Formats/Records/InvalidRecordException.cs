namespace MessagingModels.Formats.Records;

/// <summary>The records section of a batch does not hold the records that its header declares.</summary>
public sealed class InvalidRecordException : Exception
{
    internal InvalidRecordException(string what, int position)
        : base($"{what} at byte {position} of the records section.") => Position = position;

    /// <summary>Where in the uncompressed records section the problem is, in bytes from its start.</summary>
    public int Position { get; }
}
