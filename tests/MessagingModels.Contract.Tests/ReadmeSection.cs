namespace MessagingModels.Contract.Tests;

/// <summary>A part of the README that a test writes, between two marks.</summary>
internal static class ReadmeSection
{
    /// <summary>Fails where the part is not as it should be, with the text that belongs there.</summary>
    public static async Task CheckAsync(string begin, string end, string wanted)
    {
        wanted = Normalize(wanted).Trim('\n');
        string readme = Normalize(await File.ReadAllTextAsync(Path.Combine(RootDirectory(), "README.md")));
        int first = readme.IndexOf(begin, StringComparison.Ordinal);
        int last = readme.IndexOf(end, StringComparison.Ordinal);
        Assert.True(first >= 0 && last > first, $"README.md lacks the lines '{begin}' and '{end}'. Between them belongs:\n{wanted}");
        string found = readme[(first + begin.Length)..last].Trim('\n');
        Assert.True(found == wanted, $"README.md is not up to date. Between '{begin}' and '{end}' belongs:\n\n{wanted}");
    }

    private static string Normalize(string text) => text.ReplaceLineEndings("\n");

    private static string RootDirectory()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "MessagingModels.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"MessagingModels.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
