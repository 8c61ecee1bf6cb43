using System.Text;

namespace MessagingModels.Provisioning.Processes;

/// <summary>A program, its arguments and what is added to its environment.</summary>
internal sealed record ShellCommand(string Program, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A script that becomes the program, so that the shell's process is the program's.</summary>
    public string ToScript()
    {
        StringBuilder script = new();
        foreach ((string name, string value) in Environment)
            script.Append("export ").Append(name).Append('=').Append(Quote(value)).Append('\n');
        script.Append("exec ").AppendJoin(' ', [Quote(Program), .. Arguments.Select(Quote)]).Append('\n');
        return script.ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
