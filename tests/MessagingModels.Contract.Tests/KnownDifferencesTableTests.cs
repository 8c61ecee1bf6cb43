using System.Reflection;
using System.Text;

namespace MessagingModels.Contract.Tests;

/// <summary>The README's table of differences is what the tests show.</summary>
public sealed class KnownDifferencesTableTests
{
    private const string Begin = "<!-- differences: written by KnownDifferencesTableTests -->";
    private const string End = "<!-- end of differences -->";

    [Fact]
    public Task The_readme_says_where_the_embedded_broker_differs()
    {
        StringBuilder table = new("| what | embedded broker | real one | reason |\n|---|---|---|---|\n");
        foreach (KnownDifferenceAttribute row in Rows())
            table.Append($"| {Cell(row.What)} | {Cell(row.Native)} | {Cell(row.Real)} | {Cell(row.Reason)} |\n");
        return ReadmeSection.CheckAsync(Begin, End, table.ToString());
    }

    /// <summary>The rows of all contracts, in the order of their tests.</summary>
    private static IEnumerable<KnownDifferenceAttribute> Rows()
        => from type in typeof(KnownDifferencesTableTests).Assembly.GetTypes()
           orderby type.FullName
           from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).OrderBy(method => method.MetadataToken)
           let row = method.GetCustomAttribute<KnownDifferenceAttribute>(inherit: false)
           where row is not null
           select row;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
