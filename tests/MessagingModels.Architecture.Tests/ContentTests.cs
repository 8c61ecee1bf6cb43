using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MessagingModels.Architecture.Tests;

public sealed class ContentTests
{
    private static readonly string[] Reminders = ["TODO", "FIXME", "HACK", "XXX"];

    [Fact]
    public void No_comment_leaves_work_for_later()
        => Findings.None(
            from file in Repository.Sources
            from trivia in file.Tree.GetRoot().DescendantTrivia(descendIntoTrivia: true)
            where trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)
                || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
            from word in Reminders
            where trivia.ToFullString().Contains(word, StringComparison.Ordinal)
            select $"{Where(file, trivia.GetLocation())}: {word}");

    [Fact]
    public void Nothing_is_left_unimplemented()
        => Findings.None(TokensNamed(nameof(NotImplementedException)));

    [Fact]
    public void Nothing_sleeps()
        => Findings.None(
            from file in Repository.Sources
            from token in file.Tree.GetRoot().DescendantTokens()
            where token.IsKind(SyntaxKind.IdentifierToken) && token.Text == nameof(Thread.Sleep) && token.GetPreviousToken().GetPreviousToken().Text == nameof(Thread)
            select Where(file, token.GetLocation()));

    [Fact]
    public void Every_file_has_a_file_scoped_namespace_or_top_level_statements()
        => Findings.None(
            from file in Repository.Sources
            where file.Tree.GetRoot().DescendantNodes().Any(node => node.IsKind(SyntaxKind.NamespaceDeclaration))
            select file.Path);

    private static IEnumerable<string> TokensNamed(string name)
        => from file in Repository.Sources
           from token in file.Tree.GetRoot().DescendantTokens()
           where token.IsKind(SyntaxKind.IdentifierToken) && token.Text == name
           select Where(file, token.GetLocation());

    private static string Where(SourceFile file, Location location)
        => $"{file.Path}:{location.GetLineSpan().StartLinePosition.Line + 1}";
}
