using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Targets;

/// <summary>Finds out on what machine and with what software a run takes place. To be asked before the run puts load on the machine itself.</summary>
internal static class ConditionsProbe
{
    private const string Unknown = "unknown";

    public static RunConditions Read(string workDirectory)
    {
        DriveInfo? drive = FindDrive(workDirectory);
        return new RunConditions
        {
            OperatingSystem = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Processor = ReadProcessorName(),
            Cores = Environment.ProcessorCount,
            MachineId = MachineIdentity.Read(),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            WorkDirectory = Path.GetDirectoryName(workDirectory) ?? workDirectory,
            FileSystem = drive?.DriveFormat ?? Unknown,
            DiskFreeBytes = drive?.AvailableFreeSpace ?? 0,
            Runtime = RuntimeInformation.FrameworkDescription,
            RuntimeSettings = $"{(GCSettings.IsServerGC ? "server" : "workstation")} garbage collector, latency mode {GCSettings.LatencyMode}",
            Version = ReadVersion(),
            Configuration = IsDebugBuild ? "Debug" : "Release",
            Targets = [],
            Warnings = [.. Warnings()],
        };
    }

    internal static string ReadVersion()
        => typeof(ConditionsProbe).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Unknown;

    private static bool IsDebugBuild
        => typeof(ConditionsProbe).Assembly.GetCustomAttribute<System.Diagnostics.DebuggableAttribute>()?.IsJITOptimizerDisabled ?? false;

    private static IEnumerable<string> Warnings()
    {
        if (IsDebugBuild)
            yield return "This is a debug build: its figures say nothing about speed. Run it with -c Release.";
        if (System.Diagnostics.Debugger.IsAttached)
            yield return "A debugger is attached: the figures say nothing about speed.";
        if (ReadLoad() is var load && load > Environment.ProcessorCount / 2.0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Other work was using this machine when the run began (load average {load:0.0} on {Environment.ProcessorCount} cores): rates are too low and latencies too high by an unknown amount.");
        }

        if (Environment.ProcessorCount < 4)
        {
            yield return $"Publisher, consumer and every broker that runs on this machine share {Environment.ProcessorCount} cores: "
                + "a rate here is what is left after all of them, and work that needs the processor cannot be sped up beyond that number of cores.";
        }
    }

    /// <summary>The load average of the last minute where the system keeps one, else 0.</summary>
    private static double ReadLoad()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText("/proc/loadavg").Split(' ') is [var minute, ..]
                ? double.Parse(minute, CultureInfo.InvariantCulture)
                : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }

    private static DriveInfo? FindDrive(string directory)
    {
        try
        {
            return DriveInfo.GetDrives()
                .Where(drive => drive.IsReady && directory.StartsWith(drive.RootDirectory.FullName, StringComparison.Ordinal))
                .MaxBy(static drive => drive.RootDirectory.FullName.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ReadProcessorName()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal));
                return line is null ? Unknown : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Unknown;
    }
}
