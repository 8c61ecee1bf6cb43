namespace MessagingModels.Provisioning.Tests;

/// <summary>Looks at processes of this machine from outside, by /proc.</summary>
internal static class Processes
{
    /// <summary>False also for one that has ended and was not waited for.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static string CommandLineOf(int id) => File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');

    /// <summary>Every process whose command line or environment names that directory.</summary>
    public static IReadOnlyList<int> Naming(string directory)
        => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(static name => int.TryParse(name, out _))
            .Select(static name => int.Parse(name!, null))
            .Where(id => IsAlive(id) && (Mentions($"/proc/{id}/cmdline", directory) || Mentions($"/proc/{id}/environ", directory)))];

    private static bool Mentions(string file, string text)
    {
        try
        {
            return File.ReadAllText(file).Contains(text, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
