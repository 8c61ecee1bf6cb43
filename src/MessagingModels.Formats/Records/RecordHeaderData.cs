namespace MessagingModels.Formats.Records;

/// <summary>One header to be written.</summary>
/// <param name="Key">The name; written as UTF-8.</param>
/// <param name="Value">The value, or null.</param>
public readonly record struct RecordHeaderData(string Key, ReadOnlyMemory<byte>? Value);
