using System.Diagnostics;

namespace MessagingModels.Provisioning.Tests;

/// <summary>A process of its own that provisions a broker: can be killed, and has its own environment.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;

    public Child(string system, WorkDirectory work, int seconds, IReadOnlyDictionary<string, string?> environment, bool containers = false)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            FileName = Path.Combine(AppContext.BaseDirectory, "MessagingModels.Provisioning.Child"),
            ArgumentList = { system, work.Path, seconds.ToString(null, null) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        if (containers)
            start.ArgumentList.Add("containers");

        // The program that starts .NET programs looks for .NET there when the PATH is not the usual one.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
    }

    /// <summary>What it says when its broker runs, or cannot.</summary>
    public async Task<string> SaysAsync()
        => await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Homes.Patience)
            ?? throw new InvalidOperationException("The child ended without a word.");

    /// <summary>SIGKILL: nothing of the child's own code runs after that.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(Homes.Patience);
        _process.Dispose();
    }
}
