using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MessagingModels.Architecture.Tests;

public sealed class SizeTests
{
    private const int MaxFileLines = 500;
    private const int MaxFunctionLines = 70;

    /// <summary>Files that may be longer, each with its reason.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Functions that may be longer, as <c>path: name</c>, each with its reason.</summary>
    private static readonly Dictionary<string, string> LongFunctions = [];

    [Fact]
    public void No_file_is_longer_than_500_lines()
        => Findings.None(Repository.Sources
            .Where(file => file.Lines > MaxFileLines && !LongFiles.ContainsKey(file.Path))
            .Select(file => $"{file.Path}: {file.Lines} lines"));

    [Fact]
    public void No_function_is_longer_than_70_lines()
        => Findings.None(Functions()
            .Where(function => function.Lines > MaxFunctionLines && !LongFunctions.ContainsKey(function.Name))
            .Select(function => $"{function.Name}: {function.Lines} lines"));

    [Fact]
    public void Every_exception_is_still_needed()
    {
        Findings.None(LongFiles.Keys.Except(Repository.Sources.Where(file => file.Lines > MaxFileLines).Select(file => file.Path)));
        Findings.None(LongFunctions.Keys.Except(Functions().Where(function => function.Lines > MaxFunctionLines).Select(function => function.Name)));
    }

    private static IEnumerable<(string Name, int Lines)> Functions()
        => from file in Repository.Sources
           from node in file.Tree.GetRoot().DescendantNodes()
           let name = NameOf(node)
           where name is not null
           select ($"{file.Path}: {name}", LinesOf(node));

    private static string? NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        DestructorDeclarationSyntax destructor => $"~{destructor.Identifier.Text}",
        OperatorDeclarationSyntax @operator => $"operator {@operator.OperatorToken.Text}",
        ConversionOperatorDeclarationSyntax conversion => $"operator {conversion.Type}",
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => null,
    };

    /// <summary>From the first line of the declaration, attributes and comments apart, to its last.</summary>
    private static int LinesOf(SyntaxNode node)
    {
        SyntaxToken first = node.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList)) is { IsToken: true } token
            ? token.AsToken()
            : node.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList)).AsNode()!.GetFirstToken();
        return node.GetLocation().GetLineSpan().EndLinePosition.Line - first.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
    }
}
