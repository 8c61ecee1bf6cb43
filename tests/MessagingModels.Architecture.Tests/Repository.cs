using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MessagingModels.Architecture.Tests;

/// <summary>The repository that the tests were built from, found by its solution file.</summary>
internal static class Repository
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> LazySources = new(ReadSources);

    public static string Root { get; } = FindRoot();

    /// <summary>The project files under src, tests and benchmarks, by path from the root.</summary>
    public static IReadOnlyList<string> ProjectFiles { get; } =
    [
        .. new[] { "src", "tests", "benchmarks" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The source files under src, parsed; without what the build makes.</summary>
    public static IReadOnlyList<SourceFile> Sources => LazySources.Value;

    /// <summary>A path from the root, with slashes on every system.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>True for what the build makes rather than people.</summary>
    public static bool IsBuildOutput(string path) => Relative(path).Split('/').Any(part => part is "bin" or "obj");

    private static List<SourceFile> ReadSources() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !IsBuildOutput(path))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(Relative(path), CSharpSyntaxTree.ParseText(
                File.ReadAllText(path), CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest)))),
    ];

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "MessagingModels.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException($"No MessagingModels.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>A source file.</summary>
/// <param name="Path">Its path from the root.</param>
/// <param name="Tree">Its syntax.</param>
internal sealed record SourceFile(string Path, SyntaxTree Tree)
{
    public int Lines => Tree.GetText().Lines.Count - (Tree.GetText().Lines[^1].Span.IsEmpty ? 1 : 0);
}
