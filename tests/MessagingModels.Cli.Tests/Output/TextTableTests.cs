using MessagingModels.Cli.Output;

namespace MessagingModels.Cli.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_lines_end_without_blanks()
    {
        using StringWriter output = new() { NewLine = "\n" };

        TextTable.Write(output, ["A", "BB"], [["long cell", "x"], ["", ""]]);

        Assert.Equal("A          BB\nlong cell  x\n\n", output.ToString());
    }
}
