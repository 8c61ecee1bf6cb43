namespace MessagingModels.Formats.Records;

/// <summary>One header to be written.</summary>
/// <param name="Key">The name; written as UTF-8.</param>
/// <param name="Value">The value, or null; an array variable that is null counts as an empty value.</param>
public readonly record struct RecordHeaderData(string Key, ReadOnlyMemory<byte>? Value);
