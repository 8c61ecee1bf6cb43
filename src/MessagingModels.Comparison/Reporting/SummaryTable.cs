namespace MessagingModels.Comparison.Reporting;

/// <summary>A table for the console, without any markup.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">The column headings.</param>
/// <param name="Rows">The cells.</param>
public sealed record SummaryTable(string Title, IReadOnlyList<SummaryColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A column of a table.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="IsNumeric">True to align to the right.</param>
public sealed record SummaryColumn(string Heading, bool IsNumeric = false);
