using System.Runtime.InteropServices;

namespace MessagingModels.Cli;

/// <summary>
/// What Ctrl-C and SIGTERM do to the process: the first ends the command, which closes what it has open; one that is not done with it in time, or is
/// interrupted again, is ended as it is. Brokers that it started end with it either way.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How long an interrupted command may take to close what it has open: a broker that does not answer must not hold it.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public Interruption()
        => _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    /// <summary>Cancelled at the first.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;

        // Not on the thread that delivers signals, which the second one needs.
        _ = Interlocked.Increment(ref _count) == 1 ? Task.Run(EndAsync) : Task.Run(Exit);
    }

    private async Task EndAsync()
    {
        _ = _stop.CancelAsync();
        await Task.Delay(ClosingTime).ConfigureAwait(false);
        Exit();
    }

    private static void Exit()
    {
        Console.Error.WriteLine("mm: interrupted, before everything was closed");
        Environment.Exit(Tool.Interrupted);
    }
}
