namespace MessagingModels.Cli.Output;

/// <summary>A table of plain text: aligned for people, and one row a line for other programs.</summary>
internal static class TextTable
{
    /// <summary>Writes headings and rows; every row has a cell for each heading.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        WriteRow(headings);
        foreach (IReadOnlyList<string> row in rows)
            WriteRow(row);

        void WriteRow(IReadOnlyList<string> cells)
            => output.WriteLine(string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
