namespace MessagingModels.Architecture.Tests;

public sealed class FolderTests
{
    private const int MaxDepth = 2;

    private static readonly string[] MeaninglessNames = ["Common", "Utils", "Util", "Helpers", "Impl", "Internal", "Misc", "Shared"];

    [Fact]
    public void Folders_are_at_most_two_deep_under_a_project()
        => Findings.None(Folders().Where(folder => folder.Split('/').Length > MaxDepth + 2));

    [Fact]
    public void Every_folder_has_a_name_that_says_what_belongs_there()
        => Findings.None(Folders().Where(folder => MeaninglessNames.Contains(folder.Split('/')[^1], StringComparer.OrdinalIgnoreCase)));

    /// <summary>The folders under src that hold something, by path from the root.</summary>
    private static IEnumerable<string> Folders()
        => Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
            .Where(folder => !Repository.IsBuildOutput(folder))
            .Select(Repository.Relative);
}
