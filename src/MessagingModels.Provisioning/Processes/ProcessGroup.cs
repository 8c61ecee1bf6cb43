using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MessagingModels.Provisioning.Processes;

/// <summary>
/// The processes of one broker and their directory, supervised by a shell (<see cref="SupervisorScript"/>) so that neither outlives this process.
/// Safe for use by several threads.
/// </summary>
internal sealed class ProcessGroup : IAsyncDisposable
{
    private static readonly TimeSpan DefaultStopGrace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(45);

    private readonly Process _supervisor;
    private readonly Task _answers;
    private readonly SemaphoreSlim _commands = new(1);
    private readonly ConcurrentDictionary<string, Member> _members = new();
    private readonly List<int> _ports = [];
    private bool _disposed;

    private ProcessGroup(Process supervisor, string directory)
    {
        _supervisor = supervisor;
        Directory = directory;
        _answers = Task.Run(ReadAnswersAsync);
    }

    /// <summary>The temporary directory; removed with the group.</summary>
    public string Directory { get; }

    /// <summary>Where the console output of each process goes, as NAME.log.</summary>
    public string LogDirectory => Path.Combine(Directory, "logs");

    /// <summary>The shell that watches over the processes.</summary>
    public int SupervisorId => _supervisor.Id;

    /// <param name="system">Begins the directory's name.</param>
    /// <param name="workDirectory">Where the directory is made; null for the system's temporary one.</param>
    /// <param name="stopGrace">How long a process that is asked to stop may take before it is killed, in whole seconds; null for 20.</param>
    /// <exception cref="BrokerUnavailableException">This is Windows, or the directory cannot be made.</exception>
    public static ProcessGroup Create(string system, string? workDirectory, TimeSpan? stopGrace = null)
    {
        if (OperatingSystem.IsWindows())
            throw new BrokerUnavailableException("local processes need /bin/sh, which Windows does not have; use a container or give an address");
        string directory;
        try
        {
            string parent = System.IO.Directory.CreateDirectory(workDirectory ?? Path.GetTempPath()).FullName;
            directory = Path.Combine(parent, $"mm-{system}-{Guid.NewGuid():N}"[..24]);
            System.IO.Directory.CreateDirectory(Path.Combine(directory, "logs"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BrokerUnavailableException($"no directory for local processes: {error.Message}", error);
        }

        string grace = (stopGrace ?? DefaultStopGrace).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        ProcessStartInfo start = new("/bin/sh")
        {
            ArgumentList = { "-c", SupervisorScript.Text, "supervisor", directory, grace },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = directory,
        };
        return new ProcessGroup(Process.Start(start)!, directory);
    }

    /// <summary>Free ports, kept for this group until it is disposed.</summary>
    public int[] TakePorts(int count)
    {
        int[] ports = LoopbackPorts.Take(count);
        _ports.AddRange(ports);
        return ports;
    }

    /// <summary>Starts a process and completes when it is there.</summary>
    /// <param name="name">Its directory within the group's, and its log.</param>
    /// <param name="command">What it runs, and with which environment.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task StartAsync(string name, ShellCommand command, CancellationToken cancellationToken)
    {
        string home = System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(home, "run"), command.ToScript(), cancellationToken).ConfigureAwait(false);
        Member member = new();
        await SendAsync($"start {name}", () => _members[name] = member).ConfigureAwait(false);
        await member.Started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task KillAsync(string name) => EndAsync("kill", name);

    public Task StopAsync(string name) => EndAsync("stop", name);

    public bool IsRunning(string name) => _members.TryGetValue(name, out Member? member) && !member.Exited.Task.IsCompleted;

    /// <summary>True for a process that ended though nobody asked this group to end it.</summary>
    public bool HasDied(string name) => _members.TryGetValue(name, out Member? member) && member is { IsAskedToEnd: false, Exited.Task.IsCompleted: true };

    public int ProcessIdOf(string name) => _members[name].Started.Task is { IsCompletedSuccessfully: true } started ? started.Result : 0;

    /// <summary>The exit code, when the process is gone; a signal's number and 128 where one ended it.</summary>
    public Task<int> ExitOf(string name) => _members[name].Exited.Task;

    public string LogOf(string name) => Path.Combine(LogDirectory, $"{name}.log");

    /// <summary>Kills all processes, waits until they are gone, removes the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _supervisor.StandardInput.BaseStream.Close();
        using CancellationTokenSource timeout = new(EndTimeout);
        try
        {
            await _supervisor.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _supervisor.Kill();
            await _supervisor.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (_supervisor.ExitCode != 0)
            KillWhatIsLeft();
        await _answers.ConfigureAwait(false);
        LoopbackPorts.Return(_ports);
        _supervisor.Dispose();
        _commands.Dispose();
    }

    private async Task EndAsync(string command, string name)
    {
        if (!IsRunning(name))
            return;
        _members[name].IsAskedToEnd = true;
        await SendAsync($"{command} {name}").ConfigureAwait(false);
        await _members[name].Exited.Task.ConfigureAwait(false);
    }

    /// <param name="command">For the shell, which takes one after the other.</param>
    /// <param name="beforehand">Done in the same order as the commands are sent: who sees that a process is starting sends the next one later.</param>
    private async Task SendAsync(string command, Action? beforehand = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _commands.WaitAsync().ConfigureAwait(false);
        try
        {
            beforehand?.Invoke();

            // Past the writer's buffer, which would keep what could not be written and fail again at disposal.
            await _supervisor.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(command + "\n")).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new BrokerUnavailableException("the shell that supervises the broker was ended by somebody else; start the broker anew", error);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Follows what the shell says until it ends; whatever is then still waited for fails.</summary>
    private async Task ReadAnswersAsync()
    {
        while (await _supervisor.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Split(' ') is not [string what, string name, string number])
                continue;
            Member member = _members[name];
            int value = int.Parse(number, CultureInfo.InvariantCulture);
            (what == "started" ? member.Started : member.Exited).TrySetResult(value);
        }

        foreach (Member member in _members.Values)
        {
            member.Started.TrySetException(new BrokerUnavailableException("the shell that supervises the broker ended before it started the process"));
        }
    }

    /// <summary>For the case that somebody killed the shell: then nobody else ends its children.</summary>
    private void KillWhatIsLeft()
    {
        foreach (Member member in _members.Values.Where(static member => !member.Exited.Task.IsCompleted && member.Started.Task.IsCompletedSuccessfully))
        {
            try
            {
                using Process process = Process.GetProcessById(member.Started.Task.Result);
                process.Kill();
                process.WaitForExit(EndTimeout);
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                // It is gone, which is what was wanted.
            }

            member.Exited.TrySetResult(137);
        }

        if (System.IO.Directory.Exists(Directory))
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    private sealed class Member
    {
        public TaskCompletionSource<int> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool IsAskedToEnd { get; set; }
        public TaskCompletionSource<int> Exited { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
