using System.Diagnostics;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// Another process of this program, spoken to over its standard input and output: to kill a broker for real, and to start one cold.
/// Disposal kills it.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a child in one of the modes of <see cref="ChildProgram"/>.</summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    public static ChildProcess Start(params ReadOnlySpan<string> arguments)
    {
        ProcessStartInfo start = new(FindHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException("The child process did not start."));
    }

    /// <summary>Reads a line, or null at the end of the output.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
        => await _process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidOperationException">The child ended; the message has what it wrote about that.</exception>
    public async Task<string> ExpectLineAsync(CancellationToken cancellationToken)
        => await ReadLineAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The child process ended early: {(await _errors.ConfigureAwait(false)).Trim()}");

    /// <summary>Kills it (SIGKILL where there are signals): it has no chance to flush or to say goodbye.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
    }

    /// <summary>Waits until it has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The dotnet host that runs this process, wherever it is installed.</summary>
    private static string FindHost()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string beside = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
