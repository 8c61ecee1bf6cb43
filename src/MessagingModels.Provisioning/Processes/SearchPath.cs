namespace MessagingModels.Provisioning.Processes;

/// <summary>Finds programs as a shell does.</summary>
internal static class SearchPath
{
    /// <summary>The first file of that name on the PATH, or null.</summary>
    public static string? Find(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
