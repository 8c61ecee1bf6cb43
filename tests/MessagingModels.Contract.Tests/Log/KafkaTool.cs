using System.Diagnostics;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Kafka's own reader of log files, <c>org.apache.kafka.tools.DumpLogSegments</c>.</summary>
internal static class KafkaTool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Skips the test where there is no distribution, or no Java to run it.</summary>
    public static string DemandHome()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipUnless(!string.IsNullOrEmpty(home), "KAFKA_HOME is not set: it names an unpacked Kafka distribution, whose DumpLogSegments checks the files.");
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java"))),
            "There is no java on the PATH, which Kafka's DumpLogSegments needs.");
        return home!;
    }

    /// <summary>Runs it over files, and returns all that it said.</summary>
    public static async Task<string> DumpAsync(string home, string option, IEnumerable<string> files)
    {
        ProcessStartInfo start = new(
            "java", ["-Xmx256m", "-cp", Path.Combine(home, "libs", "*"), "org.apache.kafka.tools.DumpLogSegments", option, "--files", string.Join(',', files)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(process.ExitCode == 0, await errors);
        return await output + await errors;
    }
}
