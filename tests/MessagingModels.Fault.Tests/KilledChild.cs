using System.Diagnostics;

namespace MessagingModels.Fault.Tests;

/// <summary>Runs the child process under load, kills it with SIGKILL, and keeps the whole lines it printed.</summary>
internal static class KilledChild
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(60);

    /// <summary>Lets the child run until it has said so many things, and one of a kind where that is asked for, then kills it at once.</summary>
    /// <returns>What the broker in the child had acknowledged before it died.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string workload, string directory, string durability, int round, int lines, string? untilKind, CancellationToken stop)
    {
        string child = Path.Combine(AppContext.BaseDirectory, "MessagingModels.Fault.Child.dll");
        ProcessStartInfo start = new("dotnet", [child, workload, directory, durability, round.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync(stop);
        try
        {
            string? ready = await process.StandardOutput.ReadLineAsync(stop).AsTask().WaitAsync(StartLimit, stop);
            if (ready != "ready")
                throw new InvalidOperationException($"The child printed '{ready}' in place of 'ready': {await errors}");
            List<string> said = [];
            while (said.Count < lines || (untilKind is not null && !said.Exists(line => line.StartsWith(untilKind, StringComparison.Ordinal))))
            {
                said.Add(await process.StandardOutput.ReadLineAsync(stop).AsTask().WaitAsync(LineLimit, stop)
                    ?? throw new InvalidOperationException($"The child ended by itself: {await errors}"));
            }

            process.Kill();
            await process.WaitForExitAsync(stop);
            said.AddRange(WholeLines(await process.StandardOutput.ReadToEndAsync(stop)));
            return said;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static string[] WholeLines(string output)
    {
        int end = output.LastIndexOf('\n');
        return end < 0 ? [] : output[..end].Split('\n');
    }
}
