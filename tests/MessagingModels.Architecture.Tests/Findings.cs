namespace MessagingModels.Architecture.Tests;

/// <summary>What a test found that should not be.</summary>
internal static class Findings
{
    /// <summary>Fails with all of them, one a line; the framework's own message would cut them short.</summary>
    public static void None(IEnumerable<string> findings)
    {
        string all = string.Join(Environment.NewLine, findings);
        Assert.True(all.Length == 0, all);
    }
}
