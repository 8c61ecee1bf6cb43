using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using MessagingModels.Provisioning;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// One run of a tool, watched over by a shell as brokers are: it ends with this process, however that ends. Disposal kills it and removes its directory.
/// </summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private const string Name = "tool";

    private static readonly TimeSpan CpuLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OutputLook = TimeSpan.FromMilliseconds(10);

    private readonly ProcessGroup _group;

    private ToolProcess(ProcessGroup group) => _group = group;

    /// <summary>For the tool's files; goes with it.</summary>
    public string Directory => _group.Directory;

    /// <param name="workDirectory">Where the tool's directory is made.</param>
    /// <exception cref="ToolFailedException">There is no shell to watch over it, or no directory.</exception>
    public static ToolProcess Create(string workDirectory)
    {
        try
        {
            return new ToolProcess(ProcessGroup.Create(Name, workDirectory));
        }
        catch (BrokerUnavailableException exception)
        {
            throw new ToolFailedException(exception.Message);
        }
    }

    /// <exception cref="ToolFailedException">Somebody ended the shell.</exception>
    public async Task StartAsync(ShellCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await _group.StartAsync(Name, command, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException exception)
        {
            throw new ToolFailedException(exception.Message);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="onCpu">Told again and again how much processor time it has used.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(Action<TimeSpan> onCpu, CancellationToken cancellationToken)
    {
        Task<int> exit = _group.ExitOf(Name);
        while (await Task.WhenAny(exit, Task.Delay(CpuLook, cancellationToken)).ConfigureAwait(false) != exit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using Process process = Process.GetProcessById(_group.ProcessIdOf(Name));
                onCpu(process.TotalProcessorTime);
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It ended between the look and the question.
            }
        }

        return await exit.ConfigureAwait(false);
    }

    /// <summary>Follows what it writes, errors too, line by line until it has ended.</summary>
    public async IAsyncEnumerable<string> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using StreamReader reader = OpenOutput();
        Task<int> exit = _group.ExitOf(Name);
        char[] buffer = new char[4096];
        string rest = "";
        while (true)
        {
            // Asked first: what is written before the end is read after it.
            bool hasEnded = exit.IsCompleted;
            int count = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            string[] lines = string.Create(CultureInfo.InvariantCulture, $"{rest}{buffer.AsSpan(0, count)}").Split('\n');
            foreach (string line in lines[..^1])
                yield return line;
            rest = lines[^1];
            if (count > 0)
                continue;
            if (hasEnded)
                yield break;
            await Task.Delay(OutputLook, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private StreamReader OpenOutput()
        => new(new FileStream(_group.LogOf(Name), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
}
